import type { Cleanable } from '@pawl/core';
import type { LeaseStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { greatest, hasReturning, least } from './sql/dialect.ts';
import type { Grammar } from './sql/sql-context.ts';
import { Statement } from './sql/statement.ts';

/** In ms: how long a lease that ran out is remembered. */
const retention = 86_400_000;

/**
 * Leases in SQL. The fence is the time of the grant, or one more than the last
 * fence if that is later: so it grows also after a name was forgotten, unless
 * the clock steps back by more than a day.
 */
export const sqlLeases = (grammar: Grammar): ((db: Database) => LeaseStore & Cleanable) => {
  const { dialect, tables, now } = grammar;
  const acquire = acquireLease(grammar);
  const renew = new Statement<'name' | 'fence' | 'ttl'>(
    (p) => sql`update ${tables.leases} set expires_at = ${now} + ${p('ttl')}
      where name = ${p('name')} and fence = ${p('fence')} and expires_at > ${now}`,
  );
  const release = new Statement<'name' | 'fence'>(
    (p) => sql`update ${tables.leases} set expires_at = ${least(dialect, sql`expires_at`, now)}
      where name = ${p('name')} and fence = ${p('fence')}`,
  );
  const remove = inBatches(grammar, {
    table: tables.leases,
    key: sql`name`,
    verb: (table) => sql`delete from ${table}`,
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
}: Grammar): ((db: Database) => LeaseStore['acquire']) => {
  const fence = greatest(dialect, sql`fence + 1`, now);
  const statement = new Statement<'name' | 'ttl'>((p) =>
    hasReturning(dialect)
      ? sql`insert into ${tables.leases} as held (name, fence, expires_at)
          values (${p('name')}, ${now}, ${now} + ${p('ttl')})
          on conflict (name) do update
            set fence = ${greatest(dialect, sql`held.fence + 1`, now)},
              expires_at = excluded.expires_at
          where held.expires_at <= ${now} returning fence`
      : // Assignments run from left to right; the last argument that the function got is answered.
        sql`insert into ${tables.leases} (name, fence, expires_at)
          values (${p('name')}, last_insert_id(${now}), ${now} + ${p('ttl')})
          on duplicate key update
            fence = if(expires_at <= ${now}, last_insert_id(${fence}), fence + last_insert_id(0)),
            expires_at = if(expires_at <= ${now}, ${now} + ${p('ttl')}, expires_at)`,
  );
  return (db) => async (name, ttl) => {
    const { rows, insertId } = await db.run(statement, { name, ttl });
    const granted = Number(rows[0]?.fence ?? insertId);
    return granted === 0 ? null : { fence: granted };
  };
};
