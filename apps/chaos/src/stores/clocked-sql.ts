import { createKyselyStore, type DialectName } from '@pawl/kysely';
import { CompiledQuery, type Kysely } from 'kysely';
import type { ClockedStore } from './clocked.ts';
import { openMariadb, openPostgres, openSqlite } from './connect-sql.ts';

const clocked = (db: Kysely<unknown>, dialect: DialectName): ClockedStore => ({
  open: (clock) => createKyselyStore(db, { dialect, clock }),
  empty: async () => {
    await db.executeQuery(CompiledQuery.raw('delete from pawl_sessions'));
  },
  close: () => db.destroy(),
});

export const clockedPostgres = (url: string): ClockedStore =>
  clocked(openPostgres(url), 'postgres');

export const clockedMariadb = (url: string): ClockedStore => clocked(openMariadb(url), 'mysql');

export const clockedSqlite = (file: string): ClockedStore => clocked(openSqlite(file), 'sqlite');
