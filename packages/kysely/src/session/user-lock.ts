import { shardOf } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { returningEach, type Sql, typed } from '../sql/dialect.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';

/** The number of rows in the table of locks. Users who share a row only wait for each other. */
export const lockSlots = 512;

/** The lock row of a user; the same on every node. */
export const lockSlotOf = (userId: string): number => {
  const [high = 0, low = 0] = shardOf(userId);
  return (high * 256 + low) % lockSlots;
};

/** Locks a user: other creations under a limit wait until this transaction ends. */
export const lockUser = ({
  dialect,
  tables,
}: SqlContext): ((trx: Database, userId: string) => Promise<void>) => {
  const update = new Statement<'slot'>(
    (p) => sql`update ${tables.locks} set version = version + 1
      where slot = ${p('slot')}${returningEach(dialect)}`,
  );
  return async (trx, userId) => {
    const { affected } = await trx.run(update, { slot: lockSlotOf(userId) });
    if (affected !== 1) throw new Error('the table of locks is empty: run the migrations');
  };
};

/**
 * PostgreSQL: a common table expression `bumped` that has a row only if no other statement has
 * bumped this user's lock version since this one started. A statement sees the database as it was
 * when the statement started, even after it has waited for a lock. Without this check it would
 * miss a session that is created at the same time.
 */
export const bumpLockVersion = ({ tables }: SqlContext, userSlot: Sql): Sql => {
  const slot = typed('postgres', 'bigint', userSlot);
  return sql`bumped as (
    update ${tables.locks} as lock set version = lock.version + 1
    from (select version from ${tables.locks} where slot = ${slot}) as seen
    where lock.slot = ${slot} and lock.version = seen.version
    returning 1
  )`;
};

/**
 * Runs a statement that contains {@link bumpLockVersion}. `run` returns null if the version was
 * not bumped, and the statement has then changed nothing. It runs again in a transaction that has
 * locked the user first, where the bump always succeeds.
 */
export const runWithUserLock = (
  sqlContext: SqlContext,
): (<T>(db: Database, userId: string, run: (db: Database) => Promise<T | null>) => Promise<T>) => {
  const lock = lockUser(sqlContext);
  return async (db, userId, run) =>
    (await run(db)) ??
    db.transaction(async (trx) => {
      await lock(trx, userId);
      const outcome = await run(trx);
      if (outcome === null) throw new Error('the transaction must be "read committed"');
      return outcome;
    });
};
