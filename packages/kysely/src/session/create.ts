import { type SessionLimit, StoreRecordError } from '@pawl/core';
import type { CreateOutcome, NewSession, SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import { foundIn, textIn } from '../sql/answer.ts';
import type { Database } from '../sql/database.ts';
import { forUpdate } from '../sql/dialect.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { createInSingleStatement } from './create-single-statement.ts';
import { createOne } from './insert.ts';
import { isLive } from './live.ts';
import { readSession } from './read.ts';
import { findSameCreation } from './same-creation.ts';
import { lockUser } from './user-lock.ts';

/** Creates a session under a limit. */
type CreateLimited = (
  db: Database,
  session: NewSession,
  limit: SessionLimit,
) => Promise<CreateOutcome>;

/** `SessionStore.create`: with a limit, a single statement on PostgreSQL, else a transaction. */
export const createSession = (
  sqlContext: SqlContext,
): ((db: Database) => SessionStore['create']) => {
  const insert = createOne(sqlContext);
  const findSame = findSameCreation(sqlContext);
  const createLimited =
    sqlContext.dialect === 'postgres'
      ? createInSingleStatement(sqlContext)
      : createInTransaction(sqlContext);
  return (db) => async (session, limit) => {
    if (limit) return createLimited(db, session, limit);
    const record = await insert(db, session);
    return record ? { kind: 'created', record, evicted: [] } : findSame(db, session);
  };
};

/**
 * Locks the user, reads the live sessions, inserts, and evicts the surplus. A concurrent creation
 * waits for the lock and then sees the result. A concurrent `revokeAll` waits for the sessions that
 * were read; if it was faster, its sessions are no longer live and are not counted.
 */
const createInTransaction = (sqlContext: SqlContext): CreateLimited => {
  const { dialect, tables } = sqlContext;
  const lock = lockUser(sqlContext);
  const read = readSession(sqlContext);
  const insert = createOne(sqlContext);
  const findSame = findSameCreation(sqlContext);
  const live = new Statement<'userId'>(
    (p) => sql`select session_id is not null as is_found, session_id
      from (select 1 as one) as t left join ${tables.sessions}
        on user_id = ${p('userId')} and ${isLive(sqlContext)}
      order by created_at, session_id ${forUpdate(dialect)}`,
  );
  const evict = new Statement<'sessionId' | 'time' | 'callId'>(
    (p) => sql`update ${tables.sessions} set revoked_at = ${p('time')}, revoked_reason = 'evicted',
        revoked_by = ${p('callId')}
      where session_id = ${p('sessionId')} and revoked_at is null`,
  );

  return (db, session, limit) =>
    db.transaction(async (trx) => {
      const { max, policy } = limit;
      const { userId } = session;
      await lock(trx, userId);
      const result = await trx.run(live, { userId });
      if (result.rows.length === 0) throw new StoreRecordError('the list of sessions has no row');
      const rows = result.rows.filter(foundIn);
      const surplus = rows.slice(0, Math.max(0, rows.length - max + 1));
      if (surplus.length > 0 && policy === 'refuse') {
        const known = await read(trx, session.sessionId);
        return known ? findSame(trx, session, limit) : { kind: 'refused' };
      }

      const record = await insert(trx, session);
      if (!record) return findSame(trx, session, limit);
      const { callId } = session;
      const evicted = surplus.map((row) => textIn(row, 'session_id'));
      for (const sessionId of evicted) {
        await trx.run(evict, { sessionId, time: record.createdAt, callId });
      }
      return { kind: 'created', record, evicted };
    });
};
