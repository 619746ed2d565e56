import { createTestClock, type StoreUnderTest, testStore } from '@pawl/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectName } from '../src/sql/dialect.ts';
import { createKyselyStore } from '../src/store.ts';
import { openDatabase, type TestDatabase } from './databases.ts';
import { openServerOutage, openSqliteOutage } from './outage.ts';

/** Runs the contract suite on one database with two nodes. Call it in a separate `describe`. */
export const testStoreOn = (
  dialect: DialectName,
  { injectClock = false }: { injectClock?: boolean } = {},
): void => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openDatabase(dialect);
  });
  afterAll(() => database.close());

  const factory = (): StoreUnderTest => {
    const clock = createTestClock();
    const options = injectClock ? { dialect, clock: clock.now } : { dialect };
    const [first, second] = database.nodes;
    return {
      store: createKyselyStore(first, options),
      secondNode: () => createKyselyStore(second, options),
      outage: () =>
        database.url === undefined
          ? openSqliteOutage(injectClock ? { clock: clock.now } : {})
          : openServerOutage(database.url, options),
      ...(injectClock && { clock }),
    };
  };
  // With a real clock, most of the time is spent waiting.
  testStore(
    { describe, it, expect },
    factory,
    injectClock ? {} : { shortLifetime: 700, runs: 20, rounds: 2 },
  );
};
