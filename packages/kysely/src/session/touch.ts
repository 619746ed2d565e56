import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { greatest } from '../sql/dialect.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { isLive } from './live.ts';

export const touchSession = (grammar: Grammar): ((db: Database) => SessionStore['touch']) => {
  const { dialect, tables, now } = grammar;
  const update = new Statement<'sessionId' | 'generation'>(
    (p) => sql`update ${tables.sessions} set
        last_active_at = ${greatest(dialect, sql`last_active_at`, now)},
        confirmed = case when generation = ${p('generation')} then 1 else confirmed end
      where session_id = ${p('sessionId')} and ${isLive(grammar)}`,
  );
  return (db) => async (sessionId, generation) => {
    await db.run(update, { sessionId, generation });
  };
};
