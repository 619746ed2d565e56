/** The port of values that can be taken exactly once: OAuth state, magic links, proof ids. */
export interface SingleUseStore {
  /**
   * Stores a value under a key until `ttl` ms have passed on the store's clock.
   *
   * Atomic set-if-absent: of n racing calls for one key exactly one gets `true`;
   * the others get `false` and change nothing, also not the lifetime.
   * An expired value counts as absent. Round trips: 1.
   */
  put(key: string, value: string, ttl: number): Promise<boolean>;

  /**
   * Takes the value away and answers it, or null where there is none (never
   * was, taken, expired).
   *
   * Atomic: of n racing calls exactly one gets the value. Round trips: 1.
   */
  take(key: string): Promise<string | null>;

  /**
   * Removes values whose time is *past* (one that expires at this very
   * millisecond stays, though `take` refuses it) and answers how many.
   */
  deleteExpired(): Promise<number>;
}
