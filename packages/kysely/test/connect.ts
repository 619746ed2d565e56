import { DatabaseSync } from 'node:sqlite';
import { Kysely, type LogEvent, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import { Pool } from 'pg';
import { nodeSqliteDialect } from '../src/driver/node-sqlite.ts';
import { preparedPool } from '../src/driver/prepared-pool.ts';

export interface ConnectOptions {
  /** The maximum number of connections. Default 10. */
  readonly connections?: number;
  /** Called for every statement. */
  readonly log?: (event: LogEvent) => void;
}

export const connectPostgres = (
  connectionString: string,
  { connections: max = 10, log = () => {} }: ConnectOptions = {},
): Kysely<unknown> => {
  const pool = preparedPool(new Pool({ connectionString, max }));
  return new Kysely({ dialect: new PostgresDialect({ pool }), log });
};

export const connectMariadb = (
  uri: string,
  { connections: connectionLimit = 10, log = () => {} }: ConnectOptions = {},
): Kysely<unknown> =>
  new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri, connectionLimit }) }), log });

const openSqliteFile = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file);
  // Faster, and safe because no test simulates a power cut.
  database.exec('pragma synchronous = off');
  return database;
};

export const connectSqlite = (
  file: string,
  { log = () => {} }: ConnectOptions = {},
): Kysely<unknown> => new Kysely({ dialect: nodeSqliteDialect(openSqliteFile(file)), log });
