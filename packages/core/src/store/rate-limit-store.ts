/**
 * A token bucket. It holds up to `capacity` tokens and gains one every `refillInterval` ms until it
 * is full. All numbers are whole and at least 1.
 */
export interface RateLimit {
  /** How many tokens can be taken at once. */
  readonly capacity: number;
  /** In ms per token. An empty bucket must be full again within 400 days. */
  readonly refillInterval: number;
  /** How many tokens the call takes, at most `capacity`. Default 1. */
  readonly cost?: number | undefined;
}

/** The result of a call. Times are relative to the store's time of the call. */
export interface RateLimitOutcome {
  /** Whether the tokens were taken: all that the call costs, or none. */
  readonly allowed: boolean;
  /** The number of whole tokens that are left. */
  readonly remaining: number;
  /** In ms: when the same call will be allowed, if there is no other until then. 0 if it was allowed. */
  readonly retryAfter: number;
  /** In ms: when the bucket is full again. */
  readonly resetAfter: number;
}

/**
 * The port of rate limits: an adapter implements it. A bucket is one number, the time at which it is
 * full again (GCRA). A full bucket need not be stored. A key has 1 to 512 UTF-16 units: up to 1,536
 * bytes in UTF-8.
 */
export interface RateLimitStore {
  /**
   * Takes tokens from the bucket of a key, on the store's clock, as {@link applyRateLimit} decides. A
   * refused call takes nothing.
   *
   * Atomic: of any number of concurrent calls for one key on any number of nodes, no more are allowed
   * than there are tokens. The last call of a bucket, sent again, takes nothing more and is allowed
   * again. Round trips: 1.
   *
   * @param callId 16 random bytes; the same when the call is sent again
   * @throws InvalidInputError for an invalid limit; nothing was taken then.
   */
  consume(key: string, limit: RateLimit, callId: Uint8Array): Promise<RateLimitOutcome>;

  /**
   * Removes buckets that were full *before* now (one that becomes full in this millisecond may stay)
   * and returns how many. A store that removes expired entries by itself returns 0.
   */
  deleteExpired(): Promise<number>;
}
