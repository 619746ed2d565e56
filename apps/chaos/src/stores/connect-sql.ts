import { DatabaseSync } from 'node:sqlite';
import { createKyselyStore, type DialectName, nodeSqliteDialect, preparedPool } from '@pawl/kysely';
import { Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import { Pool } from 'pg';
import type { Connected, ConnectOptions } from './address.ts';

export const openPostgres = (url: string, options: ConnectOptions = {}): Kysely<unknown> => {
  const { connections = 10, timeout = 5_000 } = options;
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
  });
  // A connection that breaks while it is idle fails no call.
  pool.on('error', () => {});
  return new Kysely({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
};

export const openMariadb = (url: string, options: ConnectOptions = {}): Kysely<unknown> => {
  const { connections = 10, timeout = 5_000 } = options;
  const pool = createPool({ uri: url, connectionLimit: connections, connectTimeout: timeout });
  return new Kysely({ dialect: new MysqlDialect({ pool }) });
};

export const openSqlite = (file: string): Kysely<unknown> => {
  const database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 0');
  return new Kysely({ dialect: nodeSqliteDialect(database) });
};

export const connectPostgres = (url: string, options: ConnectOptions): Connected =>
  connectedStore(openPostgres(url, options), 'postgres');

export const connectMariadb = (url: string, options: ConnectOptions): Connected =>
  connectedStore(openMariadb(url, options), 'mysql');

export const connectSqlite = (file: string): Connected =>
  connectedStore(openSqlite(file), 'sqlite');

const connectedStore = (db: Kysely<unknown>, dialect: DialectName): Connected => ({
  store: createKyselyStore(db, { dialect }),
  close: () => db.destroy(),
});
