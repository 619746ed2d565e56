import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from '../sql/batches.ts';
import type { Database } from '../sql/database.ts';
import { least } from '../sql/dialect.ts';
import type { SqlContext } from '../sql/sql-context.ts';

/**
 * `SessionStore.deleteExpired`. Activity moves a session's expiry, but not `sweep_at`, because the
 * index on `sweep_at` would cost every touch and rotation a write. So the cleanup first moves the
 * `sweep_at` of sessions that are still live, and then deletes the others.
 */
export const deleteExpiredSessions = (
  sqlContext: SqlContext,
): ((db: Database) => SessionStore['deleteExpired']) => {
  const { dialect, tables, now } = sqlContext;
  const expiry = least(dialect, sql`expires_at`, sql`last_active_at + idle_timeout`);
  const postpone = inBatches(sqlContext, {
    table: tables.sessions,
    key: sql`session_id`,
    write: (table) => sql`update ${table} set sweep_at = ${expiry}`,
    where: sql`sweep_at < ${now} and ${expiry} >= ${now}`,
  });
  const remove = inBatches(sqlContext, {
    table: tables.sessions,
    key: sql`session_id`,
    write: (table) => sql`delete from ${table}`,
    where: sql`sweep_at < ${now} and ${expiry} < ${now}`,
  });
  return (db) => async () => {
    await postpone(db);
    return remove(db);
  };
};
