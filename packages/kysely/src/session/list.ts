import { type SessionPosition, StoreRecordError } from '@pawl/core';
import { maxSessionPage, type SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { foundIn, numberIn } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { isLive } from './live.ts';
import { recordList, recordOf } from './row.ts';

/** `SessionStore.list`: one statement. */
export const listSessions = (sqlContext: SqlContext): ((db: Database) => SessionStore['list']) => {
  const { tables, now } = sqlContext;
  // Without sessions there is still one row, which contains only the store's time.
  const select = new Statement<'userId' | 'createdAt' | 'sessionId' | 'limit'>(
    (p) => sql`select t.store_time as store_time, session_id is not null as is_found, ${recordList}
      from (select ${now} as store_time) as t left join (
        select ${recordList} from ${tables.sessions}
        where user_id = ${p('userId')} and ${isLive(sqlContext)}
          and created_at <= ${p('createdAt')}
          and (created_at < ${p('createdAt')} or session_id < ${p('sessionId')})
        order by created_at desc, session_id desc limit ${p('limit')}
      ) as page on true
      order by created_at desc, session_id desc`,
  );
  return (db) =>
    async (userId, { limit = maxSessionPage, after = newest } = {}) => {
      const { createdAt, sessionId } = after;
      const { rows } = await db.run(select, { userId, createdAt, sessionId, limit });
      const [first] = rows;
      if (!first) throw new StoreRecordError('the list of sessions has no row');
      const records = rows.filter(foundIn).map(recordOf);
      return { records, now: numberIn(first, 'store_time') };
    };
};

/** A position before every session. */
const newest: SessionPosition = { createdAt: Number.MAX_SAFE_INTEGER, sessionId: '' };
