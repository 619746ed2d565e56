import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { isLive } from './live.ts';
import { recordList, recordOf } from './row.ts';

export const listSessions = (grammar: Grammar): ((db: Database) => SessionStore['list']) => {
  const { tables, now } = grammar;
  // A user without sessions gets one row too: it has the store's time, and no session.
  const select = new Statement<'userId'>(
    (p) => sql`select t.store_time as store_time, ${recordList}
      from (select ${now} as store_time) as t left join ${tables.sessions}
        on user_id = ${p('userId')} and ${isLive(grammar)}
      order by created_at desc, session_id desc`,
  );
  return (db) => async (userId) => {
    const { rows } = await db.run(select, { userId });
    const records = rows.filter((row) => row.session_id !== null).map(recordOf);
    return { records, now: Number(rows[0]?.store_time) };
  };
};
