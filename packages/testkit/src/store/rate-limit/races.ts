import type { RateLimit, RateLimitOutcome } from '@pawl/core/rate-limits';
import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../../fixtures/builders.ts';
import type { Suite } from '../../harness/suite.ts';
import type { Trial } from '../../harness/trial.ts';

type RateLimitTrial = Trial<Pick<Store, 'rateLimits'>>;

/** In ms: so long that no token is refilled during a test. */
const refillInterval = 3_600_000;

/** Concurrent calls on one bucket and on many. */
export const registerRateLimitRaces = (suite: Suite<Pick<Store, 'rateLimits'>>): void =>
  suite.group('rate limit races', () => {
    suite.test(
      'of 64 concurrent calls on a new bucket as many pass as it holds tokens',
      async (t) => {
        for (const capacity of [1, 10, 63]) {
          const outcomes = await race(t, newUserId(), { capacity, refillInterval });
          t.same(outcomes.filter((outcome) => outcome.allowed).length, capacity);
        }
      },
    );

    suite.test(
      'of 64 concurrent calls on a used bucket as many pass as tokens are left',
      async (t) => {
        const key = newUserId();
        const limit = { capacity: 20, refillInterval };
        await t.store.rateLimits.consume(key, { ...limit, cost: 7 }, newCallId());
        const outcomes = await race(t, key, limit);
        t.same(outcomes.filter((outcome) => outcome.allowed).length, 13);
      },
    );

    suite.test(
      'of 64 concurrent calls on a refilled bucket as many pass as it holds tokens',
      async (t) => {
        const key = newUserId();
        await t.store.rateLimits.consume(
          key,
          { capacity: 5, refillInterval: 1, cost: 5 },
          newCallId(),
        );
        await t.wait(10);
        const outcomes = await race(t, key, { capacity: 5, refillInterval });
        t.same(outcomes.filter((outcome) => outcome.allowed).length, 5);
      },
    );

    suite.test('each call that passes gets a different number of remaining tokens', async (t) => {
      const outcomes = await race(t, newUserId(), { capacity: 12, refillInterval });
      const left = outcomes.filter(({ allowed }) => allowed).map(({ remaining }) => remaining);
      t.same(
        left.toSorted((a, b) => a - b),
        Array.from({ length: 12 }, (_, i) => i),
      );
    });

    suite.test(
      'concurrent calls with a cost of 3 never take more tokens than there are',
      async (t) => {
        const outcomes = await race(t, newUserId(), { capacity: 20, refillInterval, cost: 3 });
        t.same(outcomes.filter((outcome) => outcome.allowed).length, 6);
      },
    );

    suite.test('64 concurrent calls with different keys do not affect each other', async (t) => {
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
