import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CompiledQuery, Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import { Pool } from 'pg';
import { inject } from 'vitest';
import type { DialectName } from '../src/dialect.ts';
import { createMigrator } from '../src/migration/migrations.ts';
import { nodeSqliteDialect } from '../src/node-sqlite.ts';
import { preparedPool } from '../src/prepared-pool.ts';

/** A database of one test file, as a number of nodes see it. */
export interface TestDatabase {
  readonly dialect: DialectName;
  /** Each node has connections of its own. */
  readonly nodes: readonly [Kysely<unknown>, Kysely<unknown>];
  readonly close: () => Promise<void>;
}

export const connectPostgres = (url: string, max: number = 10): Kysely<unknown> =>
  new Kysely({
    dialect: new PostgresDialect({ pool: preparedPool(new Pool({ connectionString: url, max })) }),
  });

export const connectMariadb = (url: string, connectionLimit: number = 10): Kysely<unknown> =>
  new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri: url, connectionLimit }) }) });

const openSqliteFile = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file);
  // No test cuts the power.
  database.exec('pragma synchronous = off');
  return database;
};

export const connectSqlite = (file: string): Kysely<unknown> =>
  new Kysely({ dialect: nodeSqliteDialect(openSqliteFile(file)) });

const migrate = async (dialect: DialectName, db: Kysely<unknown>): Promise<void> => {
  const { error } = await createMigrator(db, { dialect }).migrateToLatest();
  if (error) throw error;
};

/** Opens a new, empty database in a server that was started for all tests. */
export const openDatabase = async (
  dialect: DialectName,
  connections: number = 10,
): Promise<TestDatabase> => {
  if (dialect === 'sqlite') return openSqlite();
  const [connect, url] =
    dialect === 'postgres'
      ? [connectPostgres, inject('postgresUrl')]
      : [connectMariadb, inject('mariadbUrl')];
  const name = `test_${randomBytes(8).toString('hex')}`;
  const server = connect(url, 1);
  await server.executeQuery(CompiledQuery.raw(`create database ${name}`));
  await server.destroy();
  const own = new URL(url);
  own.pathname = `/${name}`;
  const nodes = [connect(own.href, connections), connect(own.href, connections)] as const;
  await migrate(dialect, nodes[0]);
  return { dialect, nodes, close: () => closeAll(nodes) };
};

const openSqlite = async (): Promise<TestDatabase> => {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-sqlite-'));
  const file = join(folder, 'test.db');
  const nodes = [connectSqlite(file), connectSqlite(file)] as const;
  await nodes[0].executeQuery(CompiledQuery.raw('pragma journal_mode = wal'));
  await migrate('sqlite', nodes[0]);
  return {
    dialect: 'sqlite',
    nodes,
    close: async () => {
      await closeAll(nodes);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export const emptySessions = async (db: Kysely<unknown>): Promise<void> => {
  await db.executeQuery(CompiledQuery.raw('delete from pawl_sessions'));
};

const closeAll = async (nodes: readonly Kysely<unknown>[]): Promise<void> => {
  await Promise.all(nodes.map((node) => node.destroy()));
};
