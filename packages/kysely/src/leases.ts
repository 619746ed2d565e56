import type { Cleanable, LeaseStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { greatest, hasReturning, least } from './sql/dialect.ts';
import type { SqlContext } from './sql/sql-context.ts';
import { Statement } from './sql/statement.ts';

/** How long an expired lease is kept, in ms. */
const retention = 86_400_000;

/**
 * Leases in SQL; each verb is one statement. The fence is the time of the grant, or the last fence
 * plus one if that is greater. So it also grows after a row was deleted, unless the clock steps
 * back by more than a day.
 */
export const sqlLeases = (sqlContext: SqlContext): ((db: Database) => LeaseStore & Cleanable) => {
  const { dialect, tables, now } = sqlContext;
  const acquire = acquireLease(sqlContext);
  const renew = new Statement<'name' | 'fence' | 'ttl'>(
    (p) => sql`update ${tables.leases} set expires_at = ${now} + ${p('ttl')}
      where name = ${p('name')} and fence = ${p('fence')} and expires_at > ${now}`,
  );
  const release = new Statement<'name' | 'fence'>(
    (p) => sql`update ${tables.leases} set expires_at = ${least(dialect, sql`expires_at`, now)}
      where name = ${p('name')} and fence = ${p('fence')}`,
  );
  const remove = inBatches(sqlContext, {
    table: tables.leases,
    key: sql`name`,
    write: (table) => sql`delete from ${table}`,
    where: sql`expires_at < ${now} - ${sql.lit(retention)}`,
  });

  return (db) => ({
    acquire: acquire(db),
    renew: async (name, { fence }, ttl) =>
      (await db.run(renew, { name, fence, ttl })).affected === 1,
    release: async (name, { fence }) => {
      await db.run(release, { name, fence });
    },
    deleteExpired: () => remove(db),
  });
};

const acquireLease = ({
  dialect,
  tables,
  now,
}: SqlContext): ((db: Database) => LeaseStore['acquire']) => {
  const fence = greatest(dialect, sql`fence + 1`, now);
  const statement = new Statement<'name' | 'ttl' | 'callId'>((p) =>
    hasReturning(dialect)
      ? sql`insert into ${tables.leases} as held (name, fence, expires_at, granted_by)
          values (${p('name')}, ${now}, ${now} + ${p('ttl')}, ${p('callId')})
          on conflict (name) do update
            set fence = case when held.expires_at > ${now} then held.fence
                else ${greatest(dialect, sql`held.fence + 1`, now)} end,
              expires_at = case when held.expires_at > ${now} then held.expires_at
                else excluded.expires_at end,
              granted_by = excluded.granted_by
          where held.expires_at <= ${now} or held.granted_by = ${p('callId')} returning fence`
      : // MySQL assigns from left to right, and returns the last argument of last_insert_id().
        sql`insert into ${tables.leases} (name, fence, expires_at, granted_by)
          values (${p('name')}, last_insert_id(${now}), ${now} + ${p('ttl')}, ${p('callId')})
          on duplicate key update
            fence = if(expires_at <= ${now}, last_insert_id(${fence}),
              if(granted_by <=> ${p('callId')}, last_insert_id(fence), fence + last_insert_id(0))),
            granted_by = if(expires_at <= ${now}, ${p('callId')}, granted_by),
            expires_at = if(expires_at <= ${now}, ${now} + ${p('ttl')}, expires_at)`,
  );
  return (db) => async (name, ttl, callId) => {
    const { rows, insertId } = await db.run(statement, { name, ttl, callId });
    const granted = Number(rows[0]?.fence ?? insertId);
    return granted === 0 ? null : { fence: granted };
  };
};
