import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { greatest } from '../sql/dialect.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { isLive } from './live.ts';

/** `SessionStore.touch`: one statement. */
export const touchSession = (sqlContext: SqlContext): ((db: Database) => SessionStore['touch']) => {
  const { dialect, tables, now } = sqlContext;
  const update = new Statement<'sessionId' | 'generation'>(
    (p) => sql`update ${tables.sessions} set
        last_active_at = case when generation < ${p('generation')} then last_active_at
          else ${greatest(dialect, sql`last_active_at`, now)} end,
        confirmed = case when generation = ${p('generation')} then 1 else confirmed end,
        regressed_at = case when generation < ${p('generation')}
          then coalesce(regressed_at, ${now}) else regressed_at end
      where session_id = ${p('sessionId')} and ${isLive(sqlContext)}`,
  );
  return (db) => async (sessionId, generation) => {
    await db.run(update, { sessionId, generation });
  };
};
