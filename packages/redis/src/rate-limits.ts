import type { RateLimit, RateLimitOutcome } from '@pawl/core/rate-limits';
import { applyRateLimit, type RateLimitStore, validateRateLimit } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import { numberOf } from './connection/reply-values.ts';
import type { KeyNames } from './key-names.ts';
import { consume } from './lua/consume.ts';

/** Rate limits in Redis; a call is one script. */
export class RedisRateLimitStore implements RateLimitStore {
  readonly #connection: Connection;
  readonly #keyNames: KeyNames;

  constructor(connection: Connection, keyNames: KeyNames) {
    this.#connection = connection;
    this.#keyNames = keyNames;
  }

  async consume(key: string, limit: RateLimit, callId: Uint8Array): Promise<RateLimitOutcome> {
    const { capacity, refillInterval, cost } = validateRateLimit(limit);
    const args = [capacity * refillInterval, cost * refillInterval, Buffer.from(callId)];
    const reply = await this.#connection.run(consume, [this.#keyNames.rateLimit(key)], args);
    const before = numberOf(reply);
    const sentAgain = before < 0;
    return applyRateLimit(sentAgain ? -1 - before : before, limit, 0, sentAgain).outcome;
  }

  /** Always 0: the server removes full buckets itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}
