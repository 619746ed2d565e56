import { createTestClock, testStore } from '@pawl/testkit';
import { describe, expect, it } from 'vitest';
import { createMigrator } from '../src/migration/migrations.ts';
import { createKyselyStore } from '../src/store.ts';
import { connectSqlite } from './connect.ts';
import { openSqliteOutage } from './outage.ts';
import { testStoreOn } from './two-nodes.ts';

describe('SQLite in memory, an injected clock', () => {
  testStore({ describe, it, expect }, async () => {
    const db = connectSqlite(':memory:');
    await createMigrator(db, { dialect: 'sqlite' }).migrateToLatest();
    const clock = createTestClock();
    const store = createKyselyStore(db, { dialect: 'sqlite', clock: clock.now });
    return {
      store,
      clock,
      outage: () => openSqliteOutage({ clock: clock.now }),
      close: () => db.destroy(),
    };
  });
});

describe('SQLite in a file, two connections, the database’s clock', () => {
  testStoreOn('sqlite');
});
