import type { SingleUseStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database, Row } from './sql/database.ts';
import { forUpdate, hasReturning, least, type Sql } from './sql/dialect.ts';
import type { SqlContext } from './sql/sql-context.ts';
import { Statement } from './sql/statement.ts';

/**
 * Single-use values in SQL. Each verb is one statement; on MySQL `take` is two.
 *
 * A row has a value while its expiry is in the future, whatever its other columns say. A taken value
 * expires at 0 and is kept for one more minute, so that the call that took it can be sent again. Nodes
 * of an earlier version therefore neither take a value twice nor hide one.
 */
export const sqlSingleUse = (sqlContext: SqlContext): ((db: Database) => SingleUseStore) => {
  const { tables, now } = sqlContext;
  const put = putValue(sqlContext);
  const take = sqlContext.dialect === 'mysql' ? readAndTake(sqlContext) : takeValue(sqlContext);
  const removeWhere = (where: Sql): ((db: Database) => Promise<number>) =>
    inBatches(sqlContext, {
      table: tables.single_use,
      key: sql`id`,
      write: (table) => sql`delete from ${table}`,
      where,
    });
  const removeExpired = removeWhere(sql`expires_at > 0 and expires_at < ${now}`);
  const removeTaken = removeWhere(sql`expires_at = 0 and taken_until < ${now}`);
  return (db) => ({
    put: put(db),
    take: take(db),
    deleteExpired: async () => {
      await removeTaken(db);
      return removeExpired(db);
    },
  });
};

/** In ms: how long a taken value is kept, so that the call that took it can be sent again. */
const memoryOfTaken = 60_000;

/**
 * An expired or taken value counts as missing and is overwritten. The call that put a value, sent again,
 * does not overwrite it.
 */
const putValue = ({
  dialect,
  tables,
  now,
}: SqlContext): ((db: Database) => SingleUseStore['put']) => {
  const table = tables.single_use;
  const statement = new Statement<'id' | 'value' | 'ttl' | 'callId'>((p) => {
    if (hasReturning(dialect)) {
      const own = sql`stored.put_by = ${p('callId')} and (stored.expires_at > ${now}
        or (stored.expires_at = 0 and stored.taken_until > ${now}))`;
      const keep = (column: Sql): Sql =>
        sql`${column} = case when ${own} then stored.${column} else excluded.${column} end`;
      return sql`insert into ${table} as stored (id, value, expires_at, put_by)
          values (${p('id')}, ${p('value')}, ${now} + ${p('ttl')}, ${p('callId')})
          on conflict (id) do update set ${keep(sql`value`)}, ${keep(sql`expires_at`)},
            ${keep(sql`taken_by`)}, ${keep(sql`taken_until`)}, put_by = excluded.put_by
          where stored.expires_at <= ${now} or stored.put_by = ${p('callId')} returning 1 as put`;
    }
    // MySQL assigns from left to right, and returns the last argument of last_insert_id(). A byte after
    // the callId tells the later assignments that this call stores the value.
    const own = sql`(left(put_by, 16) <=> ${p('callId')} and (expires_at > ${now}
      or (expires_at = 0 and coalesce(taken_until, 0) > ${now})))`;
    const free = sql`(expires_at <= ${now} and not ${own})`;
    const stored = sql`put_by <=> concat(${p('callId')}, '!')`;
    return sql`insert into ${table} (id, value, expires_at, put_by)
        values (${p('id')}, ${p('value')}, last_insert_id(${now} + ${p('ttl')}), ${p('callId')})
        on duplicate key update
          value = if(last_insert_id(if(${free}, 2, if(${own}, 1, 0))) = 2, ${p('value')}, value),
          put_by = if(${free}, concat(${p('callId')}, '!'), left(put_by, 16)),
          expires_at = if(${stored}, ${now} + ${p('ttl')}, expires_at),
          taken_by = if(${stored}, null, taken_by),
          taken_until = if(${stored}, null, taken_until)`;
  });
  return (db) => async (id, value, ttl, callId) => {
    const { rows, insertId } = await db.run(statement, { id, value, ttl, callId });
    return rows.length > 0 || insertId > 0;
  };
};

type TakeParameter = 'id' | 'callId';

/** The condition that this call took the value when it was sent the first time. */
const isTakenBy = ({ now }: SqlContext, callId: Sql): Sql =>
  sql`expires_at = 0 and taken_by = ${callId} and taken_until > ${now}`;

const takeValue = (sqlContext: SqlContext): ((db: Database) => SingleUseStore['take']) => {
  const { dialect, tables, now } = sqlContext;
  const until = least(dialect, sql`expires_at`, sql`${now} + ${sql.lit(memoryOfTaken)}`);
  const statement = new Statement<TakeParameter>(
    (p) => sql`update ${tables.single_use} set taken_by = ${p('callId')}, expires_at = 0,
        taken_until = case when expires_at > ${now} then ${until} else taken_until end
      where id = ${p('id')} and (expires_at > ${now} or (${isTakenBy(sqlContext, p('callId'))}))
      returning value`,
  );
  return (db) => async (id, callId) =>
    ((await db.run(statement, { id, callId })).rows[0]?.value ?? null) as string | null;
};

/** MySQL cannot return the changed row: it is read first, and taken if it is still unchanged. */
const readAndTake = (sqlContext: SqlContext): ((db: Database) => SingleUseStore['take']) => {
  const { dialect, tables, now } = sqlContext;
  const table = tables.single_use;
  const read = (lock: Sql): Statement<TakeParameter> =>
    new Statement(
      (p) => sql`select value, expires_at, put_by, expires_at > ${now} as is_there,
          coalesce(${isTakenBy(sqlContext, p('callId'))}, 0) as is_taken
        from ${table} where id = ${p('id')} ${lock}`,
    );
  const plain = read(sql``);
  const locking = read(forUpdate(dialect));
  // All of these columns, because the key may have been put again.
  const mark = new Statement<TakeParameter | 'value' | 'expiresAt' | 'putBy'>(
    (p) => sql`update ${table} set taken_by = ${p('callId')},
        taken_until = least(expires_at, ${now} + ${sql.lit(memoryOfTaken)}), expires_at = 0
      where id = ${p('id')} and expires_at = ${p('expiresAt')} and value = ${p('value')}
        and put_by <=> ${p('putBy')}`,
  );
  return (db) => async (id, callId) => {
    // Without the lock, a transaction could read an older snapshot, which no update could match.
    const find = async (): Promise<Row | undefined> =>
      (await db.run(db.inTransaction ? locking : plain, { id, callId })).rows[0];
    const row = await find();
    if (!row) return null;
    const value = row.value as string;
    if (Number(row.is_taken) === 1) return value;
    if (Number(row.is_there) !== 1) return null;
    const putBy = row.put_by as Uint8Array | null;
    const expiresAt = Number(row.expires_at);
    const { affected } = await db.run(mark, { id, callId, value, expiresAt, putBy });
    if (affected === 1) return value;
    // Another call took it meanwhile, or this one, which is under way twice.
    const left = await find();
    return Number(left?.is_taken) === 1 ? (left?.value as string) : null;
  };
};
