import { createKyselyStore, createMigrator } from '@pawl/kysely';
import { asUnavailable } from '../users/unavailable.ts';
import { UserTable } from '../users/user-table.ts';
import type { Database } from './database.ts';
import { migrating } from './migrating.ts';
import type { Storage } from './storage.ts';
import { opening } from './unopened.ts';

/** Everything in one database. */
export const openSqlStorage = async ({ dialect, db, check, close }: Database): Promise<Storage> => {
  const migrate = async (): Promise<void> => {
    const { error } = await createMigrator(db, { dialect }).migrateToLatest();
    if (error) throw new Error('the migrations of the store failed', { cause: error });
  };
  try {
    await opening('STORE', () => migrating(dialect, migrate));
  } catch (error) {
    await close();
    throw error;
  }
  const store = createKyselyStore(db, { dialect });
  return {
    users: new UserTable(db),
    store,
    together: async (work) => {
      try {
        return await db
          .transaction()
          .execute((trx) => work({ users: new UserTable(trx), store: store.within(trx) }));
      } catch (error) {
        throw asUnavailable(error);
      }
    },
    check,
    close,
  };
};
