import type { SingleUseStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { hasReturning, type Sql } from './sql/dialect.ts';
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

/** An expired value counts as missing and is overwritten. */
const putValue = ({
  dialect,
  tables,
  now,
}: SqlContext): ((db: Database) => SingleUseStore['put']) => {
  const table = tables.single_use;
  const statement = new Statement<'id' | 'value' | 'ttl'>((p) =>
    hasReturning(dialect)
      ? sql`insert into ${table} as stored (id, value, expires_at)
          values (${p('id')}, ${p('value')}, ${now} + ${p('ttl')})
          on conflict (id) do update set value = excluded.value, expires_at = excluded.expires_at
          where stored.expires_at <= ${now} returning 1 as put`
      : // MySQL assigns from left to right, and returns the last argument of last_insert_id().
        sql`insert into ${table} (id, value, expires_at)
          values (${p('id')}, ${p('value')}, last_insert_id(${now} + ${p('ttl')}))
          on duplicate key update
            value = if(expires_at <= ${now}, ${p('value')}, value),
            expires_at = if(expires_at <= ${now}, last_insert_id(${now} + ${p('ttl')}),
              expires_at + last_insert_id(0))`,
  );
  return (db) => async (id, value, ttl) => {
    const { rows, insertId } = await db.run(statement, { id, value, ttl });
    return rows.length > 0 || insertId > 0;
  };
};

const takeValue = ({
  dialect,
  tables,
  now,
}: SqlContext): ((db: Database) => SingleUseStore['take']) => {
  const table = tables.single_use;
  const columns = sql`value, expires_at, case when expires_at > ${now} then 1 else 0 end as fresh`;
  const fromRow = (id: Sql): Sql => sql`from ${table} where id = ${id}`;
  const takeInOne = new Statement<'id'>(
    (p) => sql`delete ${fromRow(p('id'))} returning ${columns}`,
  );
  const read = new Statement<'id'>((p) => sql`select ${columns} ${fromRow(p('id'))}`);
  // The call that deletes the row that was read has taken the value. Both columns are compared,
  // because the key may have been put again.
  const remove = new Statement<'id' | 'value' | 'expiresAt'>(
    (p) =>
      sql`delete ${fromRow(p('id'))} and value = ${p('value')} and expires_at = ${p('expiresAt')}`,
  );
  return (db) => async (id) => {
    const returning = hasReturning(dialect);
    const [row] = (await db.run(returning ? takeInOne : read, { id })).rows;
    if (!row) return null;
    const value = row.value as string;
    if (!returning) {
      const { affected } = await db.run(remove, { id, value, expiresAt: Number(row.expires_at) });
      if (affected === 0) return null;
    }
    return Number(row.fresh) === 1 ? value : null;
  };
};
