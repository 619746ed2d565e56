import { asUnavailable } from '../users/unavailable.ts';
import { UserTable } from '../users/user-table.ts';
import type { Database } from './database.ts';
import type { DemoStore, Storage } from './storage.ts';

/** A store that is no database, and users in a database beside it. */
export const storageBeside = (
  { db, check, close }: Database,
  store: DemoStore,
  own: { readonly check: () => Promise<void>; readonly close: () => Promise<void> },
): Storage => ({
  users: new UserTable(db),
  store,
  // Users first, then sessions, then the commit: whatever fails undoes the users' part.
  together: async (work) => {
    try {
      return await db.transaction().execute((trx) => work({ users: new UserTable(trx), store }));
    } catch (error) {
      throw asUnavailable(error);
    }
  },
  check: async () => {
    await Promise.all([check(), own.check()]);
  },
  close: async () => {
    await Promise.all([close(), own.close()]);
  },
});
