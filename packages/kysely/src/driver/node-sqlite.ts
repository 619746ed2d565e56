import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';

/**
 * The part of a `DatabaseSync` of `node:sqlite` (Node ≥ 22.16) or of a `Database` of `bun:sqlite` that the
 * dialect uses.
 */
export interface NodeSqliteDatabase {
  prepare(sql: string): NodeSqliteStatement;
  close(): void;
}

/** The part of a statement of `node:sqlite` or `bun:sqlite` that the dialect uses. */
export interface NodeSqliteStatement {
  /** The columns of the result, in `node:sqlite`. */
  columns?(): readonly unknown[];
  /** Their names, in `bun:sqlite`. */
  readonly columnNames?: readonly string[];
  all(...values: never[]): unknown[];
  iterate(...values: never[]): IterableIterator<unknown>;
  run(...values: never[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}

/** How many prepared statements are kept. */
const maxPrepared = 256;

/**
 * Creates Kysely's SQLite dialect on a `DatabaseSync` of `node:sqlite`, or on a `Database` of
 * `bun:sqlite`. It prepares each statement once, and closes the database when Kysely is destroyed.
 *
 * @example
 * const database = new DatabaseSync('app.db');
 * database.exec('pragma journal_mode = wal; pragma busy_timeout = 5000');
 * const db = new Kysely({ dialect: nodeSqliteDialect(database) });
 */
export const nodeSqliteDialect = (database: NodeSqliteDatabase): SqliteDialect => {
  const prepared = new Map<string, SqliteStatement>();
  const wrapper: SqliteDatabase = {
    close: () => database.close(),
    prepare: (sql) => {
      const known = prepared.get(sql);
      if (known) return known;
      if (prepared.size >= maxPrepared) prepared.clear();
      const statement = adapt(database.prepare(sql));
      prepared.set(sql, statement);
      return statement;
    },
  };
  return new SqliteDialect({ database: wrapper });
};

const adapt = (statement: NodeSqliteStatement): SqliteStatement => ({
  reader: (statement.columns?.() ?? statement.columnNames ?? []).length > 0,
  all: (values) => statement.all(...(values as never[])),
  run: (values) => statement.run(...(values as never[])),
  iterate: (values) => statement.iterate(...(values as never[])),
});
