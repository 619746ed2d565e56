import type { SingleUseStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { hasReturning, least, type Sql } from './sql/dialect.ts';
import type { SqlContext } from './sql/sql-context.ts';
import { Statement } from './sql/statement.ts';

/** Single-use values in SQL. Each verb is one statement; on MySQL `take` is two. */
export const sqlSingleUse = (sqlContext: SqlContext): ((db: Database) => SingleUseStore) => {
  const put = putValue(sqlContext);
  const take = takeValue(sqlContext);
  const remove = inBatches(sqlContext, {
    table: sqlContext.tables.single_use,
    key: sql`id`,
    write: (table) => sql`delete from ${table}`,
    where: sql`expires_at < ${sqlContext.now}`,
  });
  return (db) => ({ put: put(db), take: take(db), deleteExpired: () => remove(db) });
};

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
      const fresh = sql`stored.put_by = ${p('callId')} and stored.expires_at > ${now}`;
      const keep = (column: Sql): Sql =>
        sql`${column} = case when ${fresh} then stored.${column} else excluded.${column} end`;
      return sql`insert into ${table} as stored (id, value, expires_at, put_by, taken_by)
          values (${p('id')}, ${p('value')}, ${now} + ${p('ttl')}, ${p('callId')}, null)
          on conflict (id) do update set ${keep(sql`value`)}, ${keep(sql`expires_at`)},
            ${keep(sql`taken_by`)}, put_by = excluded.put_by
          where stored.expires_at <= ${now} or stored.taken_by is not null
            or stored.put_by = ${p('callId')} returning 1 as put`;
    }
    // MySQL assigns from left to right, and returns the last argument of last_insert_id(). A byte after
    // the callId tells the later assignments that this call stores the value.
    const own = sql`(left(put_by, 16) <=> ${p('callId')} and expires_at > ${now})`;
    const free = sql`((expires_at <= ${now} or taken_by is not null) and not ${own})`;
    const stored = sql`put_by <=> concat(${p('callId')}, '!')`;
    return sql`insert into ${table} (id, value, expires_at, put_by)
        values (${p('id')}, ${p('value')}, last_insert_id(${now} + ${p('ttl')}), ${p('callId')})
        on duplicate key update
          value = if(last_insert_id(if(${free}, 2, if(${own}, 1, 0))) = 2, ${p('value')}, value),
          put_by = if(${free}, concat(${p('callId')}, '!'), left(put_by, 16)),
          expires_at = if(${stored}, ${now} + ${p('ttl')}, expires_at),
          taken_by = if(${stored}, null, taken_by)`;
  });
  return (db) => async (id, value, ttl, callId) => {
    const { rows, insertId } = await db.run(statement, { id, value, ttl, callId });
    return rows.length > 0 || insertId > 0;
  };
};

/** In ms: how long a taken value is kept, so that the call that took it can be sent again. */
const memoryOfTaken = 60_000;

const takeValue = ({
  dialect,
  tables,
  now,
}: SqlContext): ((db: Database) => SingleUseStore['take']) => {
  const table = tables.single_use;
  type P = (name: 'id' | 'callId') => Sql;
  const take = (p: P): Sql =>
    sql`update ${table} set taken_by = ${p('callId')},
        expires_at = ${least(dialect, sql`expires_at`, sql`${now} + ${sql.lit(memoryOfTaken)}`)}
      where id = ${p('id')} and taken_by is null and expires_at > ${now}`;
  const find = (p: P): Sql =>
    sql`select value from ${table}
      where id = ${p('id')} and taken_by = ${p('callId')} and expires_at > ${now}`;
  if (dialect === 'postgres') {
    const statement = new Statement<'id' | 'callId'>(
      (p) => sql`with taken as (${take(p)} returning value)
        select value from taken union all ${find(p)}`,
    );
    return (db) => async (id, callId) =>
      ((await db.run(statement, { id, callId })).rows[0]?.value ?? null) as string | null;
  }
  const update = new Statement<'id' | 'callId'>(take);
  const select = new Statement<'id' | 'callId'>(find);
  return (db) => async (id, callId) => {
    await db.run(update, { id, callId });
    return ((await db.run(select, { id, callId })).rows[0]?.value ?? null) as string | null;
  };
};
