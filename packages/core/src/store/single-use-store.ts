/** The port of values that can be taken exactly once (OAuth state, magic links, proof ids): an adapter
 * implements it. */
export interface SingleUseStore {
  /**
   * Stores a value under a key until `ttl` ms have passed on the store's clock.
   *
   * Atomic set-if-absent: of n concurrent calls for one key exactly one gets `true`; the others get
   * `false` and change nothing, not even the lifetime.
   * An expired value counts as absent. Round trips: 1.
   */
  put(key: string, value: string, ttl: number): Promise<boolean>;

  /**
   * Removes the value and returns it, or null if there is none (never stored, taken, expired).
   *
   * Atomic: of n concurrent calls exactly one gets the value. Round trips: 1.
   */
  take(key: string): Promise<string | null>;

  /**
   * Removes values whose expiry is *past* (a value that expires in this millisecond stays, though
   * `take` returns null for it) and returns how many.
   */
  deleteExpired(): Promise<number>;
}
