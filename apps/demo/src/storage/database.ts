import { ConfigurationError } from '@pawl/core';
import { type DialectName, nodeSqliteDialect, preparedPool, timeLimitedPool } from '@pawl/kysely';
import { CompiledQuery, Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { migrateUsers } from '../users/migrations.ts';
import type { UserTables } from '../users/user-table.ts';
import { migrateWithRetries } from './migrate-with-retries.ts';
import { type AddressVariable, openOrExplain } from './open-or-explain.ts';
import type { OnConnectionError } from './storage.ts';

export interface Database {
  readonly dialect: DialectName;
  readonly db: Kysely<UserTables>;
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** In ms: after this time a request fails with 503 instead of hanging. */
const timeout = 5_000;
const connections = 20;

/**
 * Opens `sqlite:path`, `sqlite::memory:`, `postgres://…` or `mysql://…`, and creates the table of
 * the users.
 *
 * @throws ConfigurationError, which names the variable of the address
 */
export const openDatabase = async (
  variable: AddressVariable,
  address: string,
  onConnectionError: OnConnectionError,
): Promise<Database> => {
  const [dialect, db] = await openOrExplain(variable, () =>
    connect(variable, address, onConnectionError),
  );
  try {
    await openOrExplain(variable, () =>
      migrateWithRetries(dialect, () => migrateUsers(db, dialect)),
    );
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    dialect,
    db,
    check: async () => {
      await db.executeQuery(CompiledQuery.raw('select 1'));
    },
    close: () => db.destroy(),
  };
};

const connect = async (
  variable: AddressVariable,
  address: string,
  onConnectionError: OnConnectionError,
): Promise<[DialectName, Kysely<UserTables>]> => {
  const scheme = address.slice(0, address.indexOf(':'));
  switch (scheme) {
    case 'sqlite':
      if (address === 'sqlite:') throw new ConfigurationError(variable, 'must name a file');
      return ['sqlite', await openSqlite(address.slice('sqlite:'.length))];
    case 'postgres':
    case 'postgresql': {
      const { Pool } = await import('pg');
      const pool = new Pool({
        connectionString: address,
        max: connections,
        connectionTimeoutMillis: timeout,
        query_timeout: timeout,
      });
      pool.on('error', onConnectionError);
      return [
        'postgres',
        new Kysely({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) }),
      ];
    }
    case 'mysql': {
      const { createPool } = await import('mysql2');
      const pool = createPool({
        uri: address,
        connectionLimit: connections,
        connectTimeout: timeout,
      });
      const dialect = new MysqlDialect({ pool: timeLimitedPool(pool, timeout) });
      return ['mysql', new Kysely({ dialect })];
    }
    default:
      throw new ConfigurationError(variable, `must be ${kinds[variable]}`);
  }
};

const kinds: Readonly<Record<AddressVariable, string>> = {
  STORE: 'sqlite:<file>, memory, redis://…, postgres://… or mysql://…',
  USERS: 'sqlite:<file>, postgres://… or mysql://…',
};

const openSqlite = async (file: string): Promise<Kysely<UserTables>> => {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  // The busy timeout comes first, because several processes may start at once. With WAL, readers
  // do not wait for writers.
  database.exec(`pragma busy_timeout = ${timeout}; pragma journal_mode = wal`);
  return new Kysely({ dialect: nodeSqliteDialect(database) });
};
