import type { RateLimit, RateLimitOutcome } from '@pawl/core/rate-limits';
import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../../fixtures/builders.ts';
import type { Suite } from '../../harness/suite.ts';
import type { Trial } from '../../harness/trial.ts';

type RateLimitTrial = Trial<Pick<Store, 'rateLimits'>>;

/** When tokens are refilled, and what callers learn of it. */
export const registerRateLimitTimes = (suite: Suite<Pick<Store, 'rateLimits'>>): void =>
  suite.group('rate limit times', () => {
    suite.test('an outcome says when the next token and all tokens are refilled', async (t) => {
      const key = newUserId();
      const begin = t.now();
      const hour = slow.refillInterval;
      for (const [retryAfter, resetAfter] of [
        [0, hour],
        [0, 2 * hour],
        [0, 3 * hour],
        [hour, 3 * hour],
      ] as const) {
        const outcome = await t.store.rateLimits.consume(key, slow, newCallId());
        isAbout(t, begin, outcome.retryAfter, retryAfter);
        isAbout(t, begin, outcome.resetAfter, resetAfter);
      }
    });

    suite.test('every token is refilled at its exact millisecond', async (t) => {
      t.requireClock();
      const key = newUserId();
      const limit = { capacity: 4, refillInterval: 1_000 };
      const end = t.now() + 4_000;
      const consume = (cost: number): Promise<RateLimitOutcome> =>
        t.store.rateLimits.consume(key, { ...limit, cost }, newCallId());
      const outcome = (...of: readonly [boolean, number, number, number]): RateLimitOutcome => ({
        allowed: of[0],
        remaining: of[1],
        retryAfter: of[2],
        resetAfter: of[3],
      });
      t.same(await consume(3), outcome(true, 1, 0, 3_000));
      t.same(await consume(2), outcome(false, 1, 1_000, 3_000));
      await t.wait(999);
      t.same(await consume(2), outcome(false, 1, 1, 2_001));
      await t.wait(1);
      t.same(await consume(2), outcome(true, 0, 0, 4_000));
      await t.waitUntil(end);
      t.same(await consume(4), outcome(false, 3, 1_000, 1_000));
      await t.wait(1_000);
      t.same(await consume(4), outcome(true, 0, 0, 4_000));
      await t.wait(86_400_000);
      t.same(await consume(1), outcome(true, 3, 0, 1_000));
    });

    suite.test('a token is refilled after the interval', async (t) => {
      const key = newUserId();
      const limit = { capacity: 2, refillInterval: t.shortLifetime };
      await t.store.rateLimits.consume(key, { ...limit, cost: 2 }, newCallId());
      t.same(await allowed(t, key, limit), false);
      await t.wait(t.shortLifetime);
      t.same(await allowed(t, key, limit), true);
      t.same(await allowed(t, key, { ...limit, cost: 2 }), false);
    });

    suite.test('a smaller limit than before treats the bucket as empty', async (t) => {
      const key = newUserId();
      await t.store.rateLimits.consume(key, { ...slow, cost: 3 }, newCallId());
      const smaller = { capacity: 2, refillInterval: t.shortLifetime };
      const refused = await t.store.rateLimits.consume(key, smaller, newCallId());
      t.same(refused.allowed, false);
      t.same(
        refused.resetAfter <= 2 * t.shortLifetime,
        true,
        'no longer than an empty bucket takes',
      );
      await t.wait(t.shortLifetime);
      t.same(await allowed(t, key, smaller), true);
    });

    suite.test('a clock that is set back does not lock a client out', async (t) => {
      const clock = t.requireClock();
      const key = newUserId();
      const limit = { capacity: 2, refillInterval: 1_000 };
      await t.store.rateLimits.consume(key, { ...limit, cost: 2 }, newCallId());
      await clock.advance(-3_600_000);
      const refused = await t.store.rateLimits.consume(key, limit, newCallId());
      t.same([refused.allowed, refused.retryAfter, refused.resetAfter], [false, 1_000, 2_000]);
      await clock.advance(1_000);
      t.same(await allowed(t, key, limit), true);
    });

    suite.test('the largest bucket is counted exactly', async (t) => {
      const key = newUserId();
      const begin = t.now();
      const longest = { capacity: 400, refillInterval: 86_400_000 };
      for (const [cost, remaining] of [
        [399, 1],
        [1, 0],
      ] as const) {
        const outcome = await t.store.rateLimits.consume(key, { ...longest, cost }, newCallId());
        t.same([outcome.allowed, outcome.remaining], [true, remaining]);
      }
      isAbout(
        t,
        begin,
        (await t.store.rateLimits.consume(key, longest, newCallId())).retryAfter,
        86_400_000,
      );
    });
  });

/** So slow that no token is refilled during a test. */
const slow = { capacity: 3, refillInterval: 3_600_000 };

const allowed = async (t: RateLimitTrial, key: string, limit: RateLimit): Promise<boolean> =>
  (await t.second.rateLimits.consume(key, limit, newCallId())).allowed;

/** Checks a time that began to run down at `begin`. With an injected clock it has not changed. */
const isAbout = (t: RateLimitTrial, begin: number, actual: number, expected: number): void =>
  t.between(actual, Math.max(0, expected - (t.now() - begin)), expected, 'a time of an outcome');
