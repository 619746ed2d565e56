import type { Clock } from '@pawl/core';
import { createKyselyStore, createMigrator } from '@pawl/kysely';
import { toUnavailable } from '../users/unavailable.ts';
import { UserTable } from '../users/user-table.ts';
import type { Database } from './database.ts';
import { migrateWithRetries } from './migrate-with-retries.ts';
import { openOrExplain } from './open-or-explain.ts';
import type { Storage } from './storage.ts';

/** Keeps users and sessions in one database. */
export const openSqlStorage = async (
  { dialect, db, check, close }: Database,
  clock?: Clock,
): Promise<Storage> => {
  const migrate = async (): Promise<void> => {
    const { error } = await createMigrator(db, { dialect }).migrateToLatest();
    if (error) throw new Error('the migrations of the store failed', { cause: error });
  };
  try {
    await openOrExplain('STORE', () => migrateWithRetries(dialect, migrate));
  } catch (error) {
    await close();
    throw error;
  }
  const store = createKyselyStore(db, { dialect, clock });
  return {
    users: new UserTable(db),
    store,
    changeTogether: async (work) => {
      try {
        return await db
          .transaction()
          .execute((trx) => work({ users: new UserTable(trx), store: store.within(trx) }));
      } catch (error) {
        throw toUnavailable(error);
      }
    },
    check,
    close,
  };
};
