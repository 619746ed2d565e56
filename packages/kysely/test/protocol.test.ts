import { testProtocol } from '@pawl/testkit/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMigrator } from '../src/migration/migrations.ts';
import { createKyselyStore } from '../src/store.ts';
import { connectSqlite } from './connect.ts';
import { emptySessions, openDatabase, type TestDatabase } from './databases.ts';

describe('SQLite in memory', () => {
  testProtocol(
    { describe, it, expect },
    async ({ now: clock }) => {
      const db = connectSqlite(':memory:');
      await createMigrator(db, { dialect: 'sqlite' }).migrateToLatest();
      const store = createKyselyStore(db, { dialect: 'sqlite', clock });
      return { stores: [store, store], close: () => db.destroy() };
    },
    { programs: 50, interleavings: 200 },
  );
});

describe.for(['postgres', 'mysql'] as const)('%s, two nodes', (dialect) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openDatabase(dialect);
  });
  afterAll(() => database.close());

  testProtocol(
    { describe, it, expect },
    async ({ now: clock }) => {
      await emptySessions(database.nodes[0]);
      return { stores: database.nodes.map((db) => createKyselyStore(db, { dialect, clock })) };
    },
    { programs: 15, interleavings: 60 },
  );
});
