import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { type Sql, typed } from '../sql/dialect.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { lockUser } from './lock.ts';

/**
 * PostgreSQL: a common table expression that has a row if, and only if, no
 * other statement has passed this user's gate since this one began. A statement
 * sees the database as it was when it began, and what it waits for does not
 * change that: so without a gate it could not know of a session that is being
 * created beside it.
 */
export const gate = ({ tables }: Grammar, userSlot: Sql): Sql => {
  const slot = typed('postgres', 'bigint', userSlot);
  return sql`gate as (
    update ${tables.locks} as lock set version = lock.version + 1
    from (select version from ${tables.locks} where slot = ${slot}) as seen
    where lock.slot = ${slot} and lock.version = seen.version
    returning 1
  )`;
};

/**
 * Runs a statement that has a gate, and answers null for a closed one. Then it
 * has done nothing, and is run again in a transaction that has locked the user
 * first, where the gate is always open.
 */
export const throughGate = (
  grammar: Grammar,
): (<T>(db: Database, userId: string, run: (db: Database) => Promise<T | null>) => Promise<T>) => {
  const lock = lockUser(grammar);
  return async (db, userId, run) =>
    (await run(db)) ??
    db.transaction(async (trx) => {
      await lock(trx, userId);
      const outcome = await run(trx);
      if (outcome === null) throw new Error('the transaction is not "read committed"');
      return outcome;
    });
};
