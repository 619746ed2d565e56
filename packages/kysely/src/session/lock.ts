import { shardOf } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';

/** How many rows the table of locks has. Two users who share one only wait for each other. */
export const lockSlots = 512;

/** The row of a user: the same on every node. */
export const slotOf = (userId: string): number => {
  const [high = 0, low = 0] = shardOf(userId);
  return (high * 256 + low) % lockSlots;
};

/** Holds a user's creations back until this transaction ends. */
export const lockUser = ({
  tables,
}: Grammar): ((trx: Database, userId: string) => Promise<void>) => {
  const update = new Statement<'slot'>(
    (p) => sql`update ${tables.locks} set version = version + 1 where slot = ${p('slot')}`,
  );
  return async (trx, userId) => {
    const { affected } = await trx.run(update, { slot: slotOf(userId) });
    if (affected !== 1) throw new Error('the table of locks is not filled: run the migrations');
  };
};
