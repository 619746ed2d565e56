import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { Sql } from './dialect.ts';
import type { Grammar } from './sql-context.ts';
import { Statement } from './statement.ts';

/** A write of all rows that a condition holds for. */
interface WriteOfMany {
  readonly table: Sql;
  /** The primary key. */
  readonly key: Sql;
  /** `update … set …` or `delete from …`, as far as the condition. */
  readonly verb: (table: Sql) => Sql;
  /** Must not hold for a row any more that was written. */
  readonly where: Sql;
}

/**
 * Writes a few rows per statement, each of them a short transaction of its own,
 * until none is left, and answers how many there were. On PostgreSQL rows that
 * somebody holds are left for the next time instead of being waited for.
 */
export const inBatches = (
  { dialect, batchSize }: Grammar,
  { table, key, verb, where }: WriteOfMany,
): ((db: Database) => Promise<number>) => {
  // As a literal: a planner that knows how few they are uses the index.
  const limit = sql`limit ${sql.lit(batchSize)}`;
  const statement = new Statement(() => {
    switch (dialect) {
      case 'mysql':
        return sql`${verb(table)} where ${where} ${limit}`;
      case 'sqlite':
        return sql`${verb(table)} where ${key} in (select ${key} from ${table} where ${where} ${limit})`;
      case 'postgres':
        return sql`${verb(table)} where ${key} = any (array(
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
