import type { Cleanable, LeaseStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { greatest, hasReturning, least } from './sql/dialect.ts';
import { alwaysCalled } from './sql/insert-result.ts';
import { numberIn } from './sql/row-values.ts';
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
  // By `returning` or last_insert_id(): without FOUND_ROWS, MySQL does not count an unchanged row.
  const renew = new Statement<'name' | 'fence' | 'ttl'>((p) => {
    const expiresAt = sql`${now} + ${p('ttl')}`;
    const condition = sql`name = ${p('name')} and fence = ${p('fence')} and expires_at > ${now}`;
    return hasReturning(dialect)
      ? sql`update ${tables.leases} set expires_at = ${expiresAt} where ${condition}
          returning 1 as renewed`
      : sql`update ${tables.leases} set expires_at = last_insert_id(${expiresAt}) where ${condition}`;
  });
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
    renew: async (name, { fence }, ttl) => {
      const result = await db.run(renew, { name, fence, ttl });
      return hasReturning(dialect) ? result.rowIfAny !== undefined : result.insertId > 0;
    },
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
      : // MySQL assigns from left to right, and returns the last argument of last_insert_id(): the fence
        // plus 2, or 1 if another call holds the lease.
        sql`insert into ${tables.leases} (name, fence, expires_at, granted_by)
          values (${p('name')}, last_insert_id(${now} + 2) - 2, ${now} + ${p('ttl')}, ${p('callId')})
          on duplicate key update
            fence = if(expires_at <= ${now}, last_insert_id(${fence} + 2) - 2,
              if(granted_by <=> ${p('callId')}, last_insert_id(fence + 2) - 2,
                fence - 1 + last_insert_id(1))),
            granted_by = if(expires_at <= ${now}, ${p('callId')}, granted_by),
            expires_at = if(expires_at <= ${now}, ${now} + ${p('ttl')}, expires_at)`,
  );
  return (db) => async (name, ttl, callId) => {
    const result = await db.run(statement, { name, ttl, callId });
    if (hasReturning(dialect)) {
      const row = result.rowIfAny;
      return row ? { fence: numberIn(row, 'fence') } : null;
    }
    const granted = alwaysCalled(result.insertId);
    return granted === 1 ? null : { fence: granted - 2 };
  };
};
