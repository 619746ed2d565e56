import { sql } from 'kysely';
import type { Database } from './database.ts';
import { returningEach, type Sql } from './dialect.ts';
import type { SqlContext } from './sql-context.ts';
import { Statement } from './statement.ts';

/** A write of all rows that match a condition. */
interface BatchedWrite {
  readonly table: Sql;
  /** The primary key. */
  readonly key: Sql;
  /** The statement up to the condition: `update … set …` or `delete from …`. */
  readonly write: (table: Sql) => Sql;
  /** Must no longer match a row that was written. */
  readonly where: Sql;
}

/**
 * Writes a limited number of rows per statement, each in a separate transaction, until no row
 * matches. Returns how many rows were written. On PostgreSQL it skips locked rows; the next
 * cleanup takes them.
 */
export const inBatches = (
  { dialect, batchSize }: SqlContext,
  { table, key, write, where }: BatchedWrite,
): ((db: Database) => Promise<number>) => {
  // A literal, because a planner that knows the limit is small uses the index.
  const limit = sql`limit ${sql.lit(batchSize)}`;
  const statement = new Statement(() => {
    switch (dialect) {
      case 'mysql':
        return sql`${write(table)} where ${where} ${limit}`;
      case 'sqlite':
        return sql`${write(table)} where ${key} in (select ${key} from ${table} where ${where} ${limit})${returningEach(dialect)}`;
      case 'postgres':
        return sql`${write(table)} where ${key} = any (array(
          select ${key} from ${table} where ${where} ${limit} for update skip locked))`;
    }
  });
  return async (db) => {
    let total = 0;
    for (;;) {
      const { affected } = await db.run(statement);
      total += affected;
      if (affected < batchSize) return total;
    }
  };
};
