import { toUnavailable } from '../users/unavailable.ts';
import { UserTable } from '../users/user-table.ts';
import type { Database } from './database.ts';
import type { DemoStore, Storage } from './storage.ts';

/** Combines a store that is not a SQL database with a database for the users. */
export const createSplitStorage = (
  { db, check, close }: Database,
  store: DemoStore,
  own: { readonly check: () => Promise<void>; readonly close: () => Promise<void> },
): Storage => ({
  users: new UserTable(db),
  store,
  // Users first, then sessions, then the commit: any failure undoes the change of the users.
  changeTogether: async (work) => {
    try {
      return await db.transaction().execute((trx) => work({ users: new UserTable(trx), store }));
    } catch (error) {
      throw toUnavailable(error);
    }
  },
  check: async () => {
    await Promise.all([check(), own.check()]);
  },
  close: async () => {
    await Promise.all([close(), own.close()]);
  },
});
