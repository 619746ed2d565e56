import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { applyRateLimit } from './rate-limit.ts';
import type { RateLimit } from './rate-limit-store.ts';

const limit = { capacity: 3, refillInterval: 1_000 };
const now = 1_700_000_000_000;

test.each<[string, number | null, RateLimit, [boolean, number, number, number]]>([
  ['nothing stored', null, limit, [true, 2, 0, 1_000]],
  ['full for long', 0, limit, [true, 2, 0, 1_000]],
  ['full just now', now, limit, [true, 2, 0, 1_000]],
  ['one token taken', now + 1_000, limit, [true, 1, 0, 2_000]],
  ['one and a millisecond: not a whole one is back', now + 1_001, limit, [true, 0, 0, 2_001]],
  ['exactly the last one', now + 2_000, limit, [true, 0, 0, 3_000]],
  ['a millisecond short of a token', now + 2_001, limit, [false, 0, 1, 2_001]],
  ['empty', now + 3_000, limit, [false, 0, 1_000, 3_000]],
  ['beyond empty: a limit that was larger', now + 9_000, limit, [false, 0, 1_000, 3_000]],
  ['all at once', null, { ...limit, cost: 3 }, [true, 0, 0, 3_000]],
  ['two of three where two are left', now + 1_000, { ...limit, cost: 2 }, [true, 0, 0, 3_000]],
  ['two of three where one is left', now + 2_000, { ...limit, cost: 2 }, [false, 1, 1_000, 2_000]],
  ['a bucket of one', null, { capacity: 1, refillInterval: 7 }, [true, 0, 0, 7]],
  ['a bucket of one, empty', now + 7, { capacity: 1, refillInterval: 7 }, [false, 0, 7, 7]],
])('%s', (_name, fullAt, bucket, [allowed, remaining, retryAfter, resetAfter]) => {
  const decision = applyRateLimit(fullAt, bucket, now);
  expect(decision.outcome).toEqual({ allowed, remaining, retryAfter, resetAfter });
  expect(decision.fullAt).toBe(now + resetAfter);
});

describe('for any calls', () => {
  const anyLimit = fc.record({
    capacity: fc.integer({ min: 1, max: 20 }),
    refillInterval: fc.integer({ min: 1, max: 50 }),
  });
  const anyCalls = fc.array(
    fc.record({ wait: fc.nat(100), cost: fc.integer({ min: 1, max: 20 }) }),
    { maxLength: 60 },
  );

  it('gives the same results as a bucket that is counted drop by drop', () => {
    fc.assert(
      fc.property(anyLimit, anyCalls, ({ capacity, refillInterval }, calls) => {
        // In drops, of which a token has `refillInterval`: one falls into the bucket each ms.
        let drops = capacity * refillInterval;
        let fullAt: number | null = null;
        let time = now;
        for (const { wait, cost } of calls) {
          if (cost > capacity) continue;
          time += wait;
          drops = Math.min(capacity * refillInterval, drops + wait);
          const missing = Math.max(0, cost * refillInterval - drops);
          if (missing === 0) drops -= cost * refillInterval;
          const decision = applyRateLimit(fullAt, { capacity, refillInterval, cost }, time);
          expect(decision.outcome).toEqual({
            allowed: missing === 0,
            remaining: Math.floor(drops / refillInterval),
            retryAfter: missing,
            resetAfter: capacity * refillInterval - drops,
          });
          fullAt = decision.fullAt;
        }
      }),
    );
  });

  it('lets through after `retryAfter`, and not a millisecond before', () => {
    fc.assert(
      fc.property(anyLimit, fc.nat(2_000), (bucket, ahead) => {
        const { fullAt, outcome } = applyRateLimit(now + ahead, bucket, now);
        if (outcome.allowed) return;
        const at = (time: number): boolean => applyRateLimit(fullAt, bucket, time).outcome.allowed;
        expect([at(now + outcome.retryAfter - 1), at(now + outcome.retryAfter)]).toEqual([
          false,
          true,
        ]);
      }),
    );
  });
});

test.each<[string, RateLimit]>([
  ['capacity', { ...limit, capacity: 0 }],
  ['capacity', { ...limit, capacity: 1.5 }],
  ['capacity', { ...limit, capacity: Number.NaN }],
  ['capacity', { ...limit, capacity: '3' as unknown as number }],
  ['refillInterval', { ...limit, refillInterval: 0 }],
  ['refillInterval', { ...limit, refillInterval: Number.POSITIVE_INFINITY }],
  ['refillInterval', { capacity: 401, refillInterval: 86_400_000 }],
  ['cost', { ...limit, cost: 0 }],
  ['cost', { ...limit, cost: -1 }],
  ['cost', { ...limit, cost: 4 }],
])('refuses an invalid limit: %s', (argument, wrong) => {
  expect(() => applyRateLimit(null, wrong, now)).toThrow(InvalidInputError);
  expect(() => applyRateLimit(null, wrong, now)).toThrow(new RegExp(`^${argument}:`));
});

test('takes the longest bucket that there may be', () => {
  const longest = { capacity: 400, refillInterval: 86_400_000 };
  expect(applyRateLimit(null, longest, now).outcome.remaining).toBe(399);
});
