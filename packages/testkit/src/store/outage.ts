import { isPawlError } from '@pawl/core';
import type { Store } from '@pawl/core/store';
import type { Suite } from '../harness/suite.ts';
import { outcomeOf, type Trial } from '../harness/trial.ts';

/** The calls of a port during an outage, and what must be true after it. */
export interface OutageCalls {
  /** Every verb of the port, by name. */
  readonly verbs: Readonly<Record<string, () => Promise<unknown>>>;
  /** Checks that what was stored before is still there. */
  readonly check: () => Promise<void>;
}

/**
 * Registers the test that every verb throws `StoreUnavailableError` while the database is unreachable,
 * and works again afterwards.
 *
 * @param prepare stores what the calls are about
 */
export const registerOutage = <S extends Partial<Store>>(
  suite: Suite<S>,
  group: string,
  prepare: (store: S, t: Trial<S>) => Promise<OutageCalls>,
): void =>
  suite.group(group, () => {
    suite.test('every verb throws StoreUnavailableError, and works again afterwards', async (t) => {
      const outage = await t.openOutage();
      try {
        const { verbs, check } = await prepare(outage.store, t);
        await check();
        await outage.begin();
        try {
          const outcomes = await outcomesOf(verbs);
          // A store that deletes expired entries by itself need not ask the server.
          if (suite.options.forgetsExpired && outcomes['deleteExpired'] === 'returned 0') {
            outcomes['deleteExpired'] = failed;
          }
          t.same(outcomes, Object.fromEntries(Object.keys(verbs).map((verb) => [verb, failed])));
        } finally {
          await outage.end();
        }
        await t.eventually(() => isReachable(check), 'the store works again after an outage');
        await check();
        for (const [verb, call] of Object.entries(verbs)) {
          t.same((await outcomeOf(call)).replace(/^returned .*/s, works), works, verb);
        }
      } finally {
        await outage.close?.();
      }
    });
  });

const failed = 'ERR_STORE_UNAVAILABLE';
const works = 'works again';

/** The calls are made at the same time, because a driver may try for some time. */
const outcomesOf = async (verbs: OutageCalls['verbs']): Promise<Record<string, string>> => {
  const outcomes = Object.entries(verbs).map(
    async ([verb, call]): Promise<[string, string]> => [verb, await failureOf(call)],
  );
  return Object.fromEntries(await Promise.all(outcomes));
};

/** The driver's error must be the cause: without it nobody can tell what has failed. */
const failureOf = (call: () => Promise<unknown>): Promise<string> =>
  outcomeOf(() =>
    call().catch((error: unknown) => {
      const hasCause = !isPawlError(error) || error.cause !== undefined;
      throw hasCause ? error : new Error(`${error.code} without a cause`);
    }),
  );

/** Any result but a failure of the store: wrong data is reported by the check that follows. */
const isReachable = async (check: () => Promise<void>): Promise<boolean> =>
  (await outcomeOf(check)) !== failed;
