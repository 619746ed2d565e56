import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery, type Kysely } from 'kysely';
import { inject } from 'vitest';
import { createMigrator } from '../src/migration/migrations.ts';
import type { DialectName } from '../src/sql/dialect.ts';
import { type ConnectOptions, connectMariadb, connectPostgres, connectSqlite } from './connect.ts';

/** A separate database for one test file, with two nodes connected to it. */
export interface TestDatabase {
  readonly dialect: DialectName;
  /** Absent for SQLite. */
  readonly url?: string;
  /** Each node has separate connections. */
  readonly nodes: readonly [Kysely<unknown>, Kysely<unknown>];
  readonly close: () => Promise<void>;
}

const migrate = async (dialect: DialectName, db: Kysely<unknown>): Promise<void> => {
  const { error } = await createMigrator(db, { dialect }).migrateToLatest();
  if (error) throw new Error('the migrations failed', { cause: error });
};

/** Creates an empty database in a server that is shared by all tests. */
export const openDatabase = async (
  dialect: DialectName,
  options: ConnectOptions = {},
): Promise<TestDatabase> => {
  if (dialect === 'sqlite') return openSqlite(options);
  const [connect, url] =
    dialect === 'postgres'
      ? [connectPostgres, inject('postgresUrl')]
      : [connectMariadb, inject('mariadbUrl')];
  const name = `test_${randomBytes(8).toString('hex')}`;
  const server = connect(url, { connections: 1 });
  await server.executeQuery(CompiledQuery.raw(`create database ${name}`));
  await server.destroy();
  const own = new URL(url);
  own.pathname = `/${name}`;
  const nodes = [connect(own.href, options), connect(own.href, options)] as const;
  await migrate(dialect, nodes[0]);
  return { dialect, url: own.href, nodes, close: () => closeAll(nodes) };
};

const openSqlite = async (options: ConnectOptions): Promise<TestDatabase> => {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-sqlite-'));
  const file = join(folder, 'test.db');
  const nodes = [connectSqlite(file, options), connectSqlite(file, options)] as const;
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
