import { endOf, type FoundSession, isTouchDue, type SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { recordList, recordOf } from './row.ts';

/** `SessionStore.find`: one statement, which never writes. */
export const findSession = (sqlContext: SqlContext): ((db: Database) => SessionStore['find']) => {
  const { tables, now } = sqlContext;
  const select = new Statement<'sessionId'>(
    (p) => sql`select ${now} as store_time, ${recordList} from ${tables.sessions}
      where session_id = ${p('sessionId')}`,
  );
  return (db) =>
    async (sessionId, activity): Promise<FoundSession | null> => {
      const [row] = (await db.run(select, { sessionId })).rows;
      if (!row) return null;
      const record = recordOf(row);
      const time = Number(row.store_time);
      const live = endOf(record, time) === null;
      const touchDue = activity !== undefined && live && isTouchDue(record, activity, time);
      return { record, now: time, touchDue };
    };
};
