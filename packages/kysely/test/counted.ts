import { CompiledQuery, type Kysely } from 'kysely';
import type { DialectName } from '../src/sql/dialect.ts';
import { openDatabase } from './databases.ts';

/** A database that counts the statements that it receives. */
export interface CountedDatabase {
  readonly db: Kysely<unknown>;
  /** Runs a call and returns how many statements it took. */
  readonly count: (call: () => Promise<unknown>) => Promise<number>;
  readonly close: () => Promise<void>;
}

export const openCounted = (dialect: DialectName): Promise<CountedDatabase> =>
  ({ postgres: openPostgres, mysql: openMariadb, sqlite: openSqlite })[dialect]();

const query = async (db: Kysely<unknown>, sql: string): Promise<Record<string, unknown>[]> =>
  (await db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(sql))).rows;

/** Counts by `pg_stat_statements`. */
const openPostgres = async (): Promise<CountedDatabase> => {
  const { nodes, close } = await openDatabase('postgres');
  const [db, observer] = nodes;
  await query(observer, 'create extension pg_stat_statements');
  return {
    db,
    close,
    count: async (call) => {
      await query(observer, 'select pg_stat_statements_reset()');
      await call();
      const [row] = await query(
        observer,
        `select coalesce(sum(calls), 0) as calls from pg_stat_statements
         join pg_database on pg_database.oid = dbid
         where datname = current_database() and query not like '%pg_stat_statements%'`,
      );
      return Number(row?.calls);
    },
  };
};

/** Counts by the connection's status `Questions`; reading the status counts as one question. */
const openMariadb = async (): Promise<CountedDatabase> => {
  const { nodes, close } = await openDatabase('mysql', { connections: 1 });
  const [db] = nodes;
  const questions = async (): Promise<number> => {
    const [row] = await query(db, "show session status like 'Questions'");
    return Number(row?.Value);
  };
  return {
    db,
    close,
    count: async (call) => {
      const before = await questions();
      await call();
      return (await questions()) - before - 1;
    },
  };
};

/** Counts by Kysely's log, because there is no server. */
const openSqlite = async (): Promise<CountedDatabase> => {
  let seen = 0;
  const log = (): void => {
    seen += 1;
  };
  const { nodes, close } = await openDatabase('sqlite', { log });
  return {
    db: nodes[0],
    close,
    count: async (call) => {
      seen = 0;
      await call();
      return seen;
    },
  };
};
