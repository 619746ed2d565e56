import { type RevokeOutcome, StoreRecordError } from '@pawl/core';
import { sql } from 'kysely';
import type { Database } from './database.ts';
import { hasReturning, type Sql } from './dialect.ts';
import { textIn } from './row-values.ts';
import type { SqlContext } from './sql-context.ts';
import { Statement } from './statement.ts';

/** A table of records that can be revoked: sessions, API keys. */
interface Revocable {
  readonly table: Sql;
  /** The primary key. */
  readonly key: Sql;
  /** Whether the table has a column for the reason. */
  readonly hasReason: boolean;
}

type RevokeParameter = 'id' | 'anyUser' | 'userId' | 'reason' | 'callId';

/** Selects the record to revoke. */
interface Revocation {
  readonly id: string;
  /** The user that the record must belong to. Undefined: any user. */
  readonly userId?: string | undefined;
  readonly reason?: string;
  readonly callId: Uint8Array;
}

/**
 * Revokes one record, if it belongs to `userId` (or to any user if `userId` is undefined), and
 * returns whether this call revoked it, now or when it was sent the first time.
 */
export const revokeOne = (
  sqlContext: SqlContext,
  revocable: Revocable,
): ((db: Database, revocation: Revocation) => Promise<RevokeOutcome>) => {
  const run = runRevocation(sqlContext, revocable);
  return (db, { id, userId, reason = '', callId }) =>
    run(db, { id, userId: userId ?? '', anyUser: userId === undefined ? 1 : 0, reason, callId });
};

type Run = (
  db: Database,
  values: Readonly<Record<RevokeParameter, string | number | Uint8Array>>,
) => Promise<RevokeOutcome>;

const runRevocation = ({ dialect, now }: SqlContext, { table, key, hasReason }: Revocable): Run => {
  type P = (name: RevokeParameter) => Sql;
  const isMatch = (p: P): Sql =>
    sql`${key} = ${p('id')} and (${p('anyUser')} = 1 or user_id = ${p('userId')})`;
  const setReason = (p: P): Sql =>
    hasReason
      ? sql`revoked_reason = case when revoked_at is null then ${p('reason')} else revoked_reason end,`
      : sql``;
  if (hasReturning(dialect)) {
    // A revoked row is written unchanged: a `select` beside the `update` would not see that the same
    // call, under way twice, revoked it while this one waited for the row.
    const statement = new Statement<RevokeParameter>(
      (p) => sql`update ${table} set ${setReason(p)}
          revoked_by = case when revoked_at is null then ${p('callId')} else revoked_by end,
          revoked_at = coalesce(revoked_at, ${now})
        where ${isMatch(p)}
        returning case when revoked_by = ${p('callId')} then 'revoked' else 'already_revoked' end
          as outcome`,
    );
    return async (db, values) => {
      const row = (await db.run(statement, values)).rowIfAny;
      return row ? outcomeIn(textIn(row, 'outcome')) : 'missing';
    };
  }
  // MySQL assigns from left to right, and returns the argument of last_insert_id().
  const statement = new Statement<RevokeParameter>(
    (p) => sql`update ${table} set ${setReason(p)}
        revoked_by = if(revoked_at is null, ${p('callId')}, revoked_by),
        revoked_at = if(
          last_insert_id(if(revoked_at is null, 1, if(revoked_by <=> ${p('callId')}, 3, 2))) = 1,
          ${now}, revoked_at)
      where ${isMatch(p)}`,
  );
  const outcomes = ['missing', 'revoked', 'already_revoked', 'revoked'] as const;
  return async (db, values) => outcomeIn(outcomes[(await db.run(statement, values)).insertId]);
};

const outcomeIn = (value: string | undefined): RevokeOutcome => {
  if (value === 'missing' || value === 'revoked' || value === 'already_revoked') return value;
  throw new StoreRecordError('the outcome of a revocation is unknown');
};
