import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';

/** What is used of a `DatabaseSync` of `node:sqlite` (Node ≥ 22.16). */
export interface NodeSqliteDatabase {
  prepare(sql: string): NodeSqliteStatement;
  close(): void;
}

export interface NodeSqliteStatement {
  columns(): readonly unknown[];
  all(...values: never[]): unknown[];
  iterate(...values: never[]): IterableIterator<unknown>;
  run(...values: never[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}

/** How many prepared statements are kept. */
const maxPrepared = 256;

/**
 * Kysely's dialect for SQLite on a `DatabaseSync` of `node:sqlite`, which it
 * closes when Kysely is destroyed. Statements are prepared once.
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
  reader: statement.columns().length > 0,
  all: (values) => statement.all(...(values as never[])),
  run: (values) => statement.run(...(values as never[])),
  iterate: (values) => statement.iterate(...(values as never[])),
});
