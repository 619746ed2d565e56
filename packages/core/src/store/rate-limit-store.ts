/**
 * A token bucket. It holds `capacity` tokens, and one more comes back every
 * `refillInterval` ms until it is full. All are whole numbers of at least 1.
 */
export interface RateLimit {
  /** How many tokens can be taken at once. */
  readonly capacity: number;
  /** In ms per token. An empty bucket must be full again within 400 days. */
  readonly refillInterval: number;
  /** How many tokens the call takes, at most `capacity`. Default 1. */
  readonly cost?: number | undefined;
}

/** What a bucket answers. Times are as of the store's now. */
export interface RateLimitOutcome {
  /** Whether the tokens were taken: all that the call costs, or none. */
  readonly allowed: boolean;
  /** Whole tokens that are left. */
  readonly remaining: number;
  /** In ms: when the same call would be allowed if nobody else came. 0 where it was. */
  readonly retryAfter: number;
  /** In ms: when the bucket is full again. */
  readonly resetAfter: number;
}

/**
 * The port of rate limits. A bucket is one number: the time at which it is full
 * again (GCRA). A bucket that is full is one that is not there.
 */
export interface RateLimitStore {
  /**
   * Takes tokens from the bucket of a key, decided on the store's clock as
   * {@link applyRateLimit} does. A refused call takes nothing.
   *
   * Atomic: however many calls race for one key, on however many nodes, no more
   * of them are allowed than there are tokens. Round trips: 1.
   * The last call of a bucket, sent again, takes nothing more and is allowed again.
   *
   * @param callId 16 random bytes, the same where the call is sent again
   * @throws InvalidInputError for a limit that is none; nothing was taken then.
   */
  consume(key: string, limit: RateLimit, callId: Uint8Array): Promise<RateLimitOutcome>;

  /**
   * Removes buckets that were full *before* now (one that is full at this very
   * millisecond may stay) and answers how many. A store that forgets by itself answers 0.
   */
  deleteExpired(): Promise<number>;
}
