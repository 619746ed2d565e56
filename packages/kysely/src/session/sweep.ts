import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from '../sql/batches.ts';
import type { Database } from '../sql/database.ts';
import { least } from '../sql/dialect.ts';
import type { Grammar } from '../sql/sql-context.ts';

/**
 * Activity moves a session's expiry on, but not `sweep_at`: the index on it
 * would cost every touch and rotation a write. So the cleanup first gives those
 * that are still alive a later date, and then removes what is left.
 */
export const deleteExpiredSessions = (
  grammar: Grammar,
): ((db: Database) => SessionStore['deleteExpired']) => {
  const { dialect, tables, now } = grammar;
  const expiry = least(dialect, sql`expires_at`, sql`last_active_at + idle_timeout`);
  const postpone = inBatches(grammar, {
    table: tables.sessions,
    key: sql`session_id`,
    verb: (table) => sql`update ${table} set sweep_at = ${expiry}`,
    where: sql`sweep_at < ${now} and ${expiry} >= ${now}`,
  });
  const remove = inBatches(grammar, {
    table: tables.sessions,
    key: sql`session_id`,
    verb: (table) => sql`delete from ${table}`,
    where: sql`sweep_at < ${now} and ${expiry} < ${now}`,
  });
  return (db) => async () => {
    await postpone(db);
    return remove(db);
  };
};
