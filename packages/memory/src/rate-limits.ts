import type { Clock } from '@pawl/core';
import type { RateLimit, RateLimitOutcome } from '@pawl/core/rate-limits';
import { applyRateLimit, type RateLimitStore } from '@pawl/core/store';

/**
 * Rate limits in memory. Every verb is atomic, because none awaits.
 *
 * If it is full, it deletes the least recently used bucket instead of throwing as the other parts do, so
 * that many addresses cannot lock out everyone else.
 */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #clock: Clock;
  readonly #max: number;
  /** The time at which each bucket is full again. The most recently used bucket is last. */
  readonly #fullAt = new Map<string, number>();

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  async consume(key: string, limit: RateLimit): Promise<RateLimitOutcome> {
    const { fullAt, outcome } = applyRateLimit(this.#fullAt.get(key) ?? null, limit, this.#clock());
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt);
    if (this.#fullAt.size > this.#max) {
      const [oldest = ''] = this.#fullAt.keys();
      this.#fullAt.delete(oldest);
    }
    return outcome;
  }

  async deleteExpired(): Promise<number> {
    const now = this.#clock();
    const size = this.#fullAt.size;
    for (const [key, fullAt] of this.#fullAt) if (fullAt < now) this.#fullAt.delete(key);
    return size - this.#fullAt.size;
  }
}
