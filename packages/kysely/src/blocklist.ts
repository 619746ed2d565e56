import { assertId, type BlocklistStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { greatest, hasReturning, type Sql } from './sql/dialect.ts';
import { flagIn } from './sql/row-values.ts';
import type { SqlContext } from './sql/sql-context.ts';
import { Statement } from './sql/statement.ts';

/** A check usually has two ids: token and session. Longer lists compile a statement each time. */
const commonLength = 4;

/** The blocklist in SQL; each verb is one statement. */
export const sqlBlocklist = (sqlContext: SqlContext): ((db: Database) => BlocklistStore) => {
  const { dialect, tables, now } = sqlContext;
  const listed = (length: number, p: (name: `id${number}`) => Sql): Sql => {
    const ids = Array.from({ length }, (_, i) => p(`id${i}`));
    return sql`exists (select 1 from ${tables.blocklist}
      where id in (${sql.join(ids)}) and expires_at > ${now})`;
  };
  // Always one row: a missing one must not mean that nothing is revoked.
  const answer = (condition: Sql): Sql =>
    sql`select case when ${condition} then 1 else 0 end as is_listed`;
  const anyOf = (length: number): Statement<`id${number}`> =>
    new Statement((p) => answer(listed(length, p)));
  const anyOfOrBefore = (length: number): Statement<`id${number}` | 'subject' | 'issuedAt'> =>
    new Statement((p) => {
      const before = sql`exists (select 1 from ${tables.user_times} where subject = ${p('subject')}
        and expires_at > ${now} and not_before > ${p('issuedAt')})`;
      return answer(length === 0 ? before : sql`${listed(length, p)} or ${before}`);
    });
  const lengths = Array.from({ length: commonLength + 1 }, (_, length) => length);
  const anyOfFew = lengths.map(anyOf);
  const anyOfFewOrBefore = lengths.map(anyOfOrBefore);
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
  const putTime = new Statement<'subject' | 'notBefore' | 'expiresAt'>((p) => {
    const columns = sql`(subject, not_before, expires_at)`;
    const values = sql`(${p('subject')}, ${p('notBefore')}, ${p('expiresAt')})`;
    const later = (column: string): Sql =>
      greatest(dialect, sql.raw(`known.${column}`), sql.raw(`excluded.${column}`));
    return hasReturning(dialect)
      ? sql`insert into ${tables.user_times} as known ${columns} values ${values}
          on conflict (subject) do update
          set not_before = ${later('not_before')}, expires_at = ${later('expires_at')}`
      : sql`insert into ${tables.user_times} ${columns} values ${values}
          on duplicate key update not_before = greatest(not_before, ${p('notBefore')}),
            expires_at = greatest(expires_at, ${p('expiresAt')})`;
  });
  const removeTimes = inBatches(sqlContext, {
    table: tables.user_times,
    key: sql`subject`,
    write: (table) => sql`delete from ${table}`,
    where: sql`expires_at < ${now}`,
  });
  const remove = inBatches(sqlContext, {
    table: tables.blocklist,
    key: sql`id`,
    write: (table) => sql`delete from ${table}`,
    where: sql`expires_at < ${now}`,
  });

  return (db) => ({
    isRevoked: async (ids, origin) => {
      for (const id of ids) assertId('ids', id);
      const values = Object.fromEntries(ids.map((id, i) => [`id${i}`, id]));
      if (origin) {
        const statement = anyOfFewOrBefore[ids.length] ?? anyOfOrBefore(ids.length);
        const { subject, issuedAt } = origin;
        const { row } = await db.run(statement, { ...values, subject, issuedAt });
        return flagIn(row, 'is_listed');
      }
      if (ids.length === 0) return false;
      const statement = anyOfFew[ids.length] ?? anyOf(ids.length);
      return flagIn((await db.run(statement, values)).row, 'is_listed');
    },
    revokeBefore: async (subject, notBefore, expiresAt) => {
      assertId('subject', subject);
      await db.run(putTime, { subject, notBefore, expiresAt });
    },
    revoke: async (id, expiresAt) => {
      assertId('id', id);
      await db.run(put, { id, expiresAt });
    },
    deleteExpired: async () => (await remove(db)) + (await removeTimes(db)),
  });
};
