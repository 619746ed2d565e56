import type { SingleUseStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { forUpdate, hasReturning, least, type Sql } from './sql/dialect.ts';
import { alwaysCalled } from './sql/insert-result.ts';
import { bytesIn, flagIn, foundIn, numberIn, orNull, type Row, textIn } from './sql/row-values.ts';
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
          value = if(last_insert_id(if(${free}, 3, if(${own}, 2, 1))) = 3, ${p('value')}, value),
          put_by = if(${free}, concat(${p('callId')}, '!'), left(put_by, 16)),
          expires_at = if(${stored}, ${now} + ${p('ttl')}, expires_at),
          taken_by = if(${stored}, null, taken_by),
          taken_until = if(${stored}, null, taken_until)`;
  });
  return (db) => async (id, value, ttl, callId) => {
    const result = await db.run(statement, { id, value, ttl, callId });
    if (hasReturning(dialect)) return result.rowIfAny !== undefined;
    return alwaysCalled(result.insertId) > 1;
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
  return (db) => async (id, callId) => {
    const row = (await db.run(statement, { id, callId })).rowIfAny;
    return row ? textIn(row, 'value') : null;
  };
};

/** MySQL cannot return the changed row: it is read first, and taken if it is still unchanged. */
const readAndTake = (sqlContext: SqlContext): ((db: Database) => SingleUseStore['take']) => {
  const { dialect, tables, now } = sqlContext;
  const table = tables.single_use;
  const columns = (p: (name: TakeParameter) => Sql): Sql =>
    sql`value, expires_at, put_by, coalesce(expires_at > ${now}, 0) as is_there,
      coalesce(${isTakenBy(sqlContext, p('callId'))}, 0) as is_taken`;
  const plain = new Statement<TakeParameter>(
    (p) => sql`select id is not null as is_found, ${columns(p)}
      from (select 1 as one) as t left join ${table} on id = ${p('id')}`,
  );
  const locking = new Statement<TakeParameter>(
    (p) => sql`select ${columns(p)} from ${table} where id = ${p('id')} ${forUpdate(dialect)}`,
  );
  // All of these columns, because the key may have been put again.
  const mark = new Statement<TakeParameter | 'value' | 'expiresAt' | 'putBy'>(
    (p) => sql`update ${table} set taken_by = ${p('callId')},
        taken_until = least(expires_at, ${now} + ${sql.lit(memoryOfTaken)}), expires_at = 0
      where id = ${p('id')} and expires_at = ${p('expiresAt')} and value = ${p('value')}
        and put_by <=> ${p('putBy')}`,
  );
  return (db) => async (id, callId) => {
    // Without the lock, a transaction could read an older snapshot, which no update could match.
    const find = async (): Promise<Row | undefined> => {
      if (db.inTransaction) return (await db.run(locking, { id, callId })).rowIfAny;
      return foundIn((await db.run(plain, { id, callId })).row);
    };
    const row = await find();
    if (!row) return null;
    const value = textIn(row, 'value');
    if (flagIn(row, 'is_taken')) return value;
    if (!flagIn(row, 'is_there')) return null;
    const putBy = orNull(bytesIn, row, 'put_by');
    const expiresAt = numberIn(row, 'expires_at');
    const { affected } = await db.run(mark, { id, callId, value, expiresAt, putBy });
    if (affected === 1) return value;
    // Another call took it meanwhile, or this one, which is under way twice.
    const left = await find();
    return left && flagIn(left, 'is_taken') ? textIn(left, 'value') : null;
  };
};
