/**
 * The port of values that can be taken exactly once (OAuth state, magic links, proof ids): an adapter
 * implements it. A key has 1 to 512 UTF-16 units (up to 1,536 bytes in UTF-8), a value up to 16,384 (up
 * to 49,152 bytes).
 */
export interface SingleUseStore {
  /**
   * Stores a value under a key until `ttl` ms have passed on the store's clock.
   *
   * Atomic set-if-absent: of n concurrent calls for one key exactly one gets `true`; the others get
   * `false` and change nothing, not even the lifetime.
   * An expired value counts as absent. The call that stored the value, sent again, gets `true` and
   * stores nothing, even if the value was taken within the last minute. Round trips: 1.
   *
   * @param callId 16 random bytes; the same when the call is sent again
   */
  put(key: string, value: string, ttl: number, callId: Uint8Array): Promise<boolean>;

  /**
   * Removes the value and returns it, or null if there is none (never stored, taken, expired). The
   * call that took the value, sent again within a minute, gets it again.
   *
   * Atomic: of n concurrent calls exactly one gets the value. A value can be stored again under a key
   * whose value was taken. Round trips: 1.
   *
   * @param callId 16 random bytes; the same when the call is sent again
   */
  take(key: string, callId: Uint8Array): Promise<string | null>;

  /**
   * Removes values whose expiry is *past* (a value that expires in this millisecond stays, though
   * `take` returns null for it) and returns how many.
   */
  deleteExpired(): Promise<number>;
}
