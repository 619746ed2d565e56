import { type Clock } from '@pawl/core';
import type { RateLimit, RateLimitOutcome } from '@pawl/core/rate-limits';
import { applyRateLimit, assertId, isSameCall, type RateLimitStore } from '@pawl/core/store';

interface Bucket {
  /** The time at which the bucket is full again. */
  readonly fullAt: number;
  /** The `callId` of the last call that took tokens; null if there was none. */
  readonly lastCallId: Uint8Array | null;
}

/**
 * Rate limits in memory. Every verb is atomic, because none awaits.
 *
 * If it is full, it deletes the least recently used bucket instead of throwing as the other parts do, so
 * that many addresses cannot lock out everyone else.
 */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #clock: Clock;
  readonly #max: number;
  /** The most recently used bucket is last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  async consume(key: string, limit: RateLimit, callId: Uint8Array): Promise<RateLimitOutcome> {
    assertId('key', key);
    const before = this.#buckets.get(key);
    const sentAgain = before !== undefined && isSameCall(before.lastCallId, callId);
    const { fullAt, outcome } = applyRateLimit(
      before?.fullAt ?? null,
      limit,
      this.#clock(),
      sentAgain,
    );
    const lastCallId = outcome.allowed ? new Uint8Array(callId) : (before?.lastCallId ?? null);
    this.#buckets.delete(key);
    this.#buckets.set(key, { fullAt, lastCallId });
    if (this.#buckets.size > this.#max) {
      const [oldest = ''] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    return outcome;
  }

  async deleteExpired(): Promise<number> {
    const now = this.#clock();
    const size = this.#buckets.size;
    for (const [key, { fullAt }] of this.#buckets) if (fullAt < now) this.#buckets.delete(key);
    return size - this.#buckets.size;
  }
}
