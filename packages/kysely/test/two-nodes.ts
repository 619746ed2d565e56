import { createTestClock, type StoreUnderTest, testStore } from '@pawl/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectName } from '../src/sql/dialect.ts';
import { createKyselyStore } from '../src/store.ts';
import { emptyTables, openDatabase, type TestDatabase } from './databases.ts';

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
      // Otherwise a test that advances the clock would delete the rows of other tests.
      ...(injectClock && { clock, close: () => emptyTables(first) }),
    };
  };
  // With a real clock, most of the time is spent waiting.
  testStore(
    { describe, it, expect },
    factory,
    injectClock ? {} : { shortLifetime: 700, runs: 20, rounds: 2 },
  );
};
