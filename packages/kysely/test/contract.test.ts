import { DatabaseSync } from 'node:sqlite';
import { createTestClock, testStore } from '@pawl/testkit';
import { Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createMigrator } from '../src/migration/migrations.ts';
import { nodeSqliteDialect } from '../src/node-sqlite.ts';
import { createKyselyStore } from '../src/store.ts';

describe('SQLite, on a clock of the test', () => {
  testStore({ describe, it, expect }, async () => {
    const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(new DatabaseSync(':memory:')) });
    await createMigrator(db, { dialect: 'sqlite' }).migrateToLatest();
    const clock = createTestClock();
    return {
      store: createKyselyStore(db, { dialect: 'sqlite', clock: clock.now }),
      clock,
      close: () => db.destroy(),
    };
  });
});
