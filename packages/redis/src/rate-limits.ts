import type { RateLimit, RateLimitOutcome } from '@pawl/core/rate-limits';
import { applyRateLimit, type RateLimitStore, validateRateLimit } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import type { Keys } from './key-names.ts';
import { consume } from './lua/consume.ts';

/** Rate limits in Redis. */
export class RedisRateLimitStore implements RateLimitStore {
  readonly #connection: Connection;
  readonly #keys: Keys;

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async consume(key: string, limit: RateLimit): Promise<RateLimitOutcome> {
    const { capacity, refillInterval, cost } = validateRateLimit(limit);
    const args = [capacity * refillInterval, cost * refillInterval];
    const before = await this.#connection.run(consume, [this.#keys.bucket(key)], args);
    return applyRateLimit(Number(before), limit, 0).outcome;
  }

  /** The server forgets by itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}
