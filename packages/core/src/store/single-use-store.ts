/** The port of values that can be taken exactly once (OAuth state, magic links, proof ids): an adapter
 * implements it. */
export interface SingleUseStore {
  /**
   * Stores a value under a key until `ttl` ms have passed on the store's clock.
   *
   * Atomic set-if-absent: of n racing calls for one key exactly one gets `true`;
   * the others get `false` and change nothing, also not the lifetime.
   * An expired value counts as absent. The call that stored it, sent again, gets `true` again
   * and stores nothing, also if the value has been taken within the last minute. Round trips: 1.
   *
   * @param callId 16 random bytes, the same where the call is sent again
   */
  put(key: string, value: string, ttl: number, callId: Uint8Array): Promise<boolean>;

  /**
   * Takes the value away and returns it, or null where there is none (never
   * was, taken, expired). The call that took it, sent again within a minute, gets it again.
   *
   * Atomic: of n racing calls exactly one gets the value. A key whose value was taken can be
   * put again. Round trips: 1.
   *
   * @param callId 16 random bytes, the same where the call is sent again
   */
  take(key: string, callId: Uint8Array): Promise<string | null>;

  /**
   * Removes values whose expiry is *past* (a value that expires in this millisecond stays, though
   * `take` returns null for it) and returns how many.
   */
  deleteExpired(): Promise<number>;
}
