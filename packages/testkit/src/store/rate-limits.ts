import type { RateLimit, RateLimitOutcome } from '@pawl/core/rate-limits';
import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../fixtures/builders.ts';
import { oddTexts } from '../fixtures/odd-text.ts';
import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import type { Trial } from '../harness/trial.ts';
import { registerRateLimitOutage } from './outages.ts';
import { registerRateLimitRaces } from './rate-limit/races.ts';
import { registerRateLimitTimes } from './rate-limit/times.ts';
import { registerRateLimitsSentAgain } from './sent-again/rate-limits.ts';
import { registerRateLimitSizes } from './sizes.ts';

type RateLimitTrial = Trial<Pick<Store, 'rateLimits'>>;

/**
 * Registers the contract of `RateLimitStore` with the test runner.
 *
 * @param test the functions of the runner
 * @param factory returns a new store for each test
 * @example
 * testRateLimitStore({ describe, it, expect }, () => {
 *   const clock = createTestClock();
 *   return { store: createMyStore({ clock: clock.now }), clock };
 * });
 */
export const testRateLimitStore = (
  test: TestRunner,
  factory: StoreFactory<Pick<Store, 'rateLimits'>>,
  options: SuiteOptions = {},
): void => {
  const suite = new Suite(test, factory, options);
  registerRateLimits(suite);
  suite.finish();
};

/** So slow that no token is refilled during a test. */
const slow = { capacity: 3, refillInterval: 3_600_000 };

/** Registers the tests of `RateLimitStore` with a suite. */
export const registerRateLimits = (suite: Suite<Pick<Store, 'rateLimits'>>): void => {
  registerDeterministic(suite);
  suite.sendTwice(registerDeterministic);
  registerRateLimitsSentAgain(suite);
  registerRateLimitRaces(suite);
  registerRateLimitSizes(suite);
  registerRateLimitOutage(suite);
};

const registerDeterministic = (suite: Suite<Pick<Store, 'rateLimits'>>): void => {
  suite.group('rate limits', () => {
    suite.test('a bucket allows as many calls as it holds tokens, on any node', async (t) => {
      const key = newUserId();
      const seen: RateLimitOutcome[] = [];
      for (let i = 0; i < 5; i++) {
        seen.push(await (i % 2 ? t.second : t.store).rateLimits.consume(key, slow, newCallId()));
      }
      t.same(
        seen.map(({ allowed, remaining }) => [allowed, remaining]),
        [
          [true, 2],
          [true, 1],
          [true, 0],
          [false, 0],
          [false, 0],
        ],
      );
    });

    suite.test('a refused call takes no token', async (t) => {
      const key = newUserId();
      const limit = { capacity: 3, refillInterval: t.shortLifetime };
      await t.store.rateLimits.consume(key, { ...limit, cost: 3 }, newCallId());
      for (let i = 0; i < 5; i++) await t.store.rateLimits.consume(key, limit, newCallId());
      await t.wait(t.shortLifetime);
      t.same(await allowed(t, key, limit), true);
    });

    suite.test('an invalid limit throws and takes no token', async (t) => {
      const key = newUserId();
      const wrong: RateLimit[] = [
        { ...slow, cost: 4 },
        { ...slow, cost: 0 },
        { ...slow, capacity: 0 },
        { ...slow, capacity: 1.5 },
        { ...slow, refillInterval: 0 },
        { ...slow, refillInterval: Number.NaN },
        { capacity: 401, refillInterval: 86_400_000 },
      ];
      for (const limit of wrong) {
        await t.throws(
          () => t.store.rateLimits.consume(key, limit, newCallId()),
          'ERR_INPUT_INVALID',
          JSON.stringify(limit),
        );
      }
      t.same((await t.store.rateLimits.consume(key, slow, newCallId())).remaining, 2);
    });

    suite.test('deleteExpired deletes a bucket one millisecond after it is full', async (t) => {
      const [gone, kept] = [newUserId(), newUserId()];
      await t.store.rateLimits.consume(
        kept,
        { capacity: 3, refillInterval: 10 * t.shortLifetime },
        newCallId(),
      );
      await t.store.rateLimits.consume(
        gone,
        { capacity: 3, refillInterval: t.shortLifetime },
        newCallId(),
      );
      const end = t.now() + t.shortLifetime;
      await t.waitUntilJustBefore(end);
      await t.store.rateLimits.deleteExpired();
      await t.waitUntil(end);
      const early = await t.store.rateLimits.deleteExpired();
      await t.waitUntil(end + 1);
      const count = await t.store.rateLimits.deleteExpired();
      if (t.countsSweeps) t.same([early, count], [0, 1]);
      const left = await t.store.rateLimits.consume(
        kept,
        {
          capacity: 3,
          refillInterval: 10 * t.shortLifetime,
        },
        newCallId(),
      );
      t.same(left.remaining, 1);
    });

    suite.test('odd keys are distinct', async (t) => {
      const prefix = newUserId();
      const one = { capacity: 1, refillInterval: 3_600_000 };
      for (const text of oddTexts) t.same(await allowed(t, prefix + text, one), true, text);
      for (const text of oddTexts) t.same(await allowed(t, prefix + text, one), false, text);
    });
  });
  registerRateLimitTimes(suite);
};

const allowed = async (t: RateLimitTrial, key: string, limit: RateLimit): Promise<boolean> =>
  (await t.second.rateLimits.consume(key, limit, newCallId())).allowed;
