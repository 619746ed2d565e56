import type { RateLimit, RateLimitOutcome } from '@pawl/core/rate-limits';
import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../../fixtures/builders.ts';
import type { Suite } from '../../harness/suite.ts';
import type { Trial } from '../../harness/trial.ts';

type RateLimitTrial = Trial<Pick<Store, 'rateLimits'>>;

/** So slow that no token comes back while a test runs. */
const refillInterval = 3_600_000;

export const registerRateLimitRaces = (suite: Suite<Pick<Store, 'rateLimits'>>): void =>
  suite.group('rate limit races', () => {
    suite.test('64 racing calls on a new bucket: as many pass as it holds', async (t) => {
      for (const capacity of [1, 10, 63]) {
        const outcomes = await race(t, newUserId(), { capacity, refillInterval });
        t.same(outcomes.filter((outcome) => outcome.allowed).length, capacity);
      }
    });

    suite.test('64 racing calls on a used bucket: as many pass as are left', async (t) => {
      const key = newUserId();
      const limit = { capacity: 20, refillInterval };
      await t.store.rateLimits.consume(key, { ...limit, cost: 7 }, newCallId());
      const outcomes = await race(t, key, limit);
      t.same(outcomes.filter((outcome) => outcome.allowed).length, 13);
    });

    suite.test('64 racing calls on a bucket that is full again: as many as it holds', async (t) => {
      const key = newUserId();
      await t.store.rateLimits.consume(
        key,
        { capacity: 5, refillInterval: 1, cost: 5 },
        newCallId(),
      );
      await t.wait(10);
      const outcomes = await race(t, key, { capacity: 5, refillInterval });
      t.same(outcomes.filter((outcome) => outcome.allowed).length, 5);
    });

    suite.test('who passes is told of a different number of tokens each', async (t) => {
      const outcomes = await race(t, newUserId(), { capacity: 12, refillInterval });
      const left = outcomes.filter(({ allowed }) => allowed).map(({ remaining }) => remaining);
      t.same(
        left.toSorted((a, b) => a - b),
        Array.from({ length: 12 }, (_, i) => i),
      );
    });

    suite.test('dear calls race too: nobody pays with tokens that are not there', async (t) => {
      const outcomes = await race(t, newUserId(), { capacity: 20, refillInterval, cost: 3 });
      t.same(outcomes.filter((outcome) => outcome.allowed).length, 6);
    });

    suite.test('64 keys at once do not touch each other', async (t) => {
      const limit = { capacity: 1, refillInterval };
      const keys = Array.from({ length: 64 }, () => newUserId());
      const outcomes = await Promise.all(
        keys.map((key, i) =>
          (i % 2 ? t.store : t.second).rateLimits.consume(key, limit, newCallId()),
        ),
      );
      t.same(
        outcomes.every(({ allowed }) => allowed),
        true,
      );
    });
  });

const race = (t: RateLimitTrial, key: string, limit: RateLimit): Promise<RateLimitOutcome[]> =>
  Promise.all(
    Array.from({ length: 64 }, (_, i) =>
      (i % 2 ? t.store : t.second).rateLimits.consume(key, limit, newCallId()),
    ),
  );
