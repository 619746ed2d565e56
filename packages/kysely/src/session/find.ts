import { endOf, type FoundSession, isTouchDue, type SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { foundIn, numberIn } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { recordList, recordOf } from './row.ts';

/** `SessionStore.find`: one statement, which never writes. */
export const findSession = (sqlContext: SqlContext): ((db: Database) => SessionStore['find']) => {
  const { tables, now } = sqlContext;
  const select = new Statement<'sessionId'>(
    (p) => sql`select t.store_time as store_time, session_id is not null as is_found, ${recordList}
      from (select ${now} as store_time) as t left join ${tables.sessions}
        on session_id = ${p('sessionId')}`,
  );
  return (db) =>
    async (sessionId, activity): Promise<FoundSession | null> => {
      const row = foundIn((await db.run(select, { sessionId })).row);
      if (!row) return null;
      const time = numberIn(row, 'store_time');
      const record = recordOf(row);
      const live = endOf(record, time) === null;
      const touchDue = activity !== undefined && live && isTouchDue(record, activity, time);
      return { record, now: time, touchDue };
    };
};
