import type { SessionLimit } from '@pawl/core';
import { type CreateOutcome, type NewSession, newRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { numberIn, type Row, textIn } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { copySession } from './copy-bytes.ts';
import { type InsertParameter, insertColumns, insertSession, insertValues } from './insert.ts';
import { isLive } from './live.ts';
import { readSession } from './read.ts';
import { findSameCreation } from './same-creation.ts';

/**
 * Creates under a limit where SQLite has no transactions that stay open (Cloudflare D1), in one statement.
 * To evict, it inserts the surplus once more: each of these rows conflicts with itself, and is revoked.
 */
export const createWithoutTransaction = (
  sqlContext: SqlContext,
): ((db: Database, session: NewSession, limit: SessionLimit) => Promise<CreateOutcome>) => {
  const { tables, now } = sqlContext;
  const table = tables.sessions;
  const read = readSession(sqlContext);
  const findSame = findSameCreation(sqlContext);
  const evicting = new Statement<InsertParameter | 'keep' | 'callId'>(
    (p) => sql`${insertSession(sqlContext, p)}
      union all select ${insertColumns} from ${table}
      where session_id in (select session_id from ${table}
          where user_id = ${p('userId')} and ${isLive(sqlContext)}
          order by created_at desc, session_id desc limit -1 offset ${p('keep')})
        and not exists (select 1 from ${table} where session_id = ${p('sessionId')})
      on conflict (session_id) do update
        set revoked_at = ${now}, revoked_reason = 'evicted', revoked_by = ${p('callId')}
        where excluded.session_id <> ${p('sessionId')}
      returning session_id, created_at`,
  );
  const refusing = new Statement<InsertParameter | 'keep'>(
    (p) => sql`${insertSession(sqlContext, p)}
      where not exists (select 1 from ${table}
        where user_id = ${p('userId')} and ${isLive(sqlContext)} limit 1 offset ${p('keep')})
      on conflict do nothing returning session_id, created_at`,
  );

  return async (db, session, limit) => {
    const values = { ...insertValues(session), keep: limit.max - 1 };
    const { rows } =
      limit.policy === 'refuse'
        ? await db.run(refusing, values)
        : await db.run(evicting, { ...values, callId: session.callId });
    const isNew = (row: Row): boolean => textIn(row, 'session_id') === session.sessionId;
    const row = rows.find(isNew);
    if (row) {
      const record = newRecord(copySession(session), numberIn(row, 'created_at'));
      const evicted = rows.filter((one) => !isNew(one)).map((one) => textIn(one, 'session_id'));
      return { kind: 'created', record, evicted };
    }
    const isRefused = limit.policy === 'refuse' && !(await read(db, session.sessionId));
    return isRefused ? { kind: 'refused' } : findSame(db, session, limit);
  };
};
