import { applyRateLimit, type RateLimitStore, validateRateLimit } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { greatest, hasReturning, least, type Sql, typed } from './sql/dialect.ts';
import { alwaysCalled } from './sql/insert-result.ts';
import { numberIn } from './sql/row-values.ts';
import type { SqlContext } from './sql/sql-context.ts';
import { Statement } from './sql/statement.ts';

/** `empty`: ms to refill an empty bucket; `cost`: ms to refill the tokens of one call. */
type ConsumeParameter = 'id' | 'empty' | 'cost' | 'callId';

/** Rate limits in SQL; a call is one statement. */
export const sqlRateLimits = (sqlContext: SqlContext): ((db: Database) => RateLimitStore) => {
  const { tables, now } = sqlContext;
  const take = takeTokens(sqlContext);
  const remove = inBatches(sqlContext, {
    table: tables.rate_limits,
    key: sql`id`,
    write: (table) => sql`delete from ${table}`,
    where: sql`full_at < ${now}`,
  });
  return (db) => ({
    consume: async (id, limit, callId) => {
      const { capacity, refillInterval, cost } = validateRateLimit(limit);
      const values = { id, empty: capacity * refillInterval, cost: cost * refillInterval, callId };
      return applyRateLimit(await take(db, values), limit, 0).outcome;
    },
    deleteExpired: () => remove(db),
  });
};

type TakeTokens = (
  db: Database,
  values: Readonly<Record<ConsumeParameter, string | number | Uint8Array>>,
) => Promise<number>;

/** In ms: how much earlier than the call before it a concurrent call may have begun. */
const clockTolerance = 1_000;

/**
 * Takes the tokens if the bucket has enough, and returns how many ms before full the bucket was:
 * the outcome depends on nothing else. A refused call writes the previous state back, at most that of
 * an empty bucket.
 *
 * The time of a statement is when it began, and one that has waited for the row may have begun before
 * the one that it waited for. It uses that one's time, `seen_at`: otherwise time would go back, and the
 * call would find less in the bucket than there is.
 */
const takeTokens = (sqlContext: SqlContext): TakeTokens => {
  const { dialect, tables, now } = sqlContext;
  const table = tables.rate_limits;
  const between = (fullAt: Sql, at: Sql, empty: Sql): Sql =>
    least(dialect, greatest(dialect, sql`${fullAt} - ${at}`, sql`0`), empty);
  const latest = (seenAt: Sql): Sql =>
    sql`case when ${seenAt} > ${now} and ${seenAt} <= ${now} + ${sql.lit(clockTolerance)}
      then ${seenAt} else ${now} end`;

  if (!hasReturning(dialect)) {
    // One more than the time, because the driver returns 0 where the function was not called.
    // MySQL assigns from left to right: after the first assignment `seen_at` is the time of this call.
    // The second one appends a byte to the callId of a call that is sent again, so that the third
    // recognizes it.
    const statement = new Statement<ConsumeParameter>((p) => {
      const before = between(sql`full_at`, sql`seen_at`, p('empty'));
      const callId = p('callId');
      return sql`insert into ${table} (id, full_at, last_call_id, seen_at)
        values (${p('id')}, ${now} + ${p('cost')} + last_insert_id(1) - 1, ${callId}, ${now})
        on duplicate key update
          seen_at = ${latest(sql`seen_at`)},
          last_call_id = if(left(last_call_id, 16) <=> ${callId}, concat(${callId}, '!'),
            if(${before} + ${p('cost')} <= ${p('empty')}, ${callId}, last_call_id)),
          full_at = seen_at + ${before} + if(last_call_id <=> concat(${callId}, '!'),
            0 * last_insert_id(1 + greatest(${before} - ${p('cost')}, 0)),
            if(last_insert_id(1 + ${before}) - 1 + ${p('cost')} <= ${p('empty')}, ${p('cost')}, 0))`;
    });
    return async (db, values) => alwaysCalled((await db.run(statement, values)).insertId) - 1;
  }

  const statement = new Statement<ConsumeParameter>((p) => {
    const [empty, cost] = (['empty', 'cost'] as const).map((name) =>
      typed(dialect, 'bigint', p(name)),
    ) as [Sql, Sql];
    const at = latest(sql`bucket.seen_at`);
    const before = between(sql`bucket.full_at`, at, empty);
    const again = sql`bucket.last_call_id = ${p('callId')}`;
    const allowed = sql`${before} + ${cost} <= ${empty}`;
    return sql`insert into ${table} as bucket (id, full_at, previous_full_at, last_call_id, seen_at)
      values (${p('id')}, ${now} + ${cost}, ${now}, ${p('callId')}, ${now})
      on conflict (id) do update set
        seen_at = ${at},
        previous_full_at = bucket.full_at - case when ${again} then ${cost} else 0 end,
        full_at = ${at} + ${before} +
          case when ${again} then 0 when ${allowed} then ${cost} else 0 end,
        last_call_id = case when ${allowed} then ${p('callId')} else bucket.last_call_id end
      returning ${between(sql`previous_full_at`, sql`seen_at`, empty)} as before_full`;
  });
  return async (db, values) => numberIn((await db.run(statement, values)).row, 'before_full');
};
