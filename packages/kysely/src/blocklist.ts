import type { BlocklistStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { flagIn } from './sql/answer.ts';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { greatest, hasReturning } from './sql/dialect.ts';
import type { SqlContext } from './sql/sql-context.ts';
import { Statement } from './sql/statement.ts';

/** A check usually has two ids: token and session. Longer lists compile a statement each time. */
const commonLength = 4;

/** The blocklist in SQL; each verb is one statement. */
export const sqlBlocklist = (sqlContext: SqlContext): ((db: Database) => BlocklistStore) => {
  const { dialect, tables, now } = sqlContext;
  const anyOf = (length: number): Statement<`id${number}`> =>
    new Statement((p) => {
      const ids = Array.from({ length }, (_, i) => p(`id${i}`));
      // Always one row: a missing one must not mean that nothing is revoked.
      return sql`select case when exists (select 1 from ${tables.blocklist}
        where id in (${sql.join(ids)}) and expires_at > ${now}) then 1 else 0 end as is_listed`;
    });
  const anyOfFew = Array.from({ length: commonLength + 1 }, (_, length) => anyOf(length));
  const put = new Statement<'id' | 'expiresAt'>((p) => {
    const values = sql`insert into ${tables.blocklist} as listed (id, expires_at)
      values (${p('id')}, ${p('expiresAt')})`;
    return hasReturning(dialect)
      ? sql`${values} on conflict (id) do update
          set expires_at = ${greatest(dialect, sql`listed.expires_at`, sql`excluded.expires_at`)}`
      : sql`insert into ${tables.blocklist} (id, expires_at)
          values (${p('id')}, ${p('expiresAt')})
          on duplicate key update expires_at = greatest(expires_at, ${p('expiresAt')})`;
  });
  const remove = inBatches(sqlContext, {
    table: tables.blocklist,
    key: sql`id`,
    write: (table) => sql`delete from ${table}`,
    where: sql`expires_at < ${now}`,
  });

  return (db) => ({
    isRevoked: async (ids) => {
      if (ids.length === 0) return false;
      const statement = anyOfFew[ids.length] ?? anyOf(ids.length);
      const values = Object.fromEntries(ids.map((id, i) => [`id${i}`, id]));
      return flagIn((await db.run(statement, values)).row, 'is_listed');
    },
    revoke: async (id, expiresAt) => {
      await db.run(put, { id, expiresAt });
    },
    deleteExpired: () => remove(db),
  });
};
