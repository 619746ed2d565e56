import { type SessionLimit, StoreRecordError } from '@pawl/core';
import type { CreateOutcome, NewSession, SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { forUpdate } from '../sql/dialect.ts';
import { foundIn, numberIn, textIn } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { createInSingleStatement } from './create-single-statement.ts';
import { createWithoutTransaction } from './create-without-transaction.ts';
import { createOne } from './insert.ts';
import { isLive } from './live.ts';
import { readSession } from './read.ts';
import { revokedBy } from './revoke-all.ts';
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
 * Locks the user, reads the newest live sessions, inserts, and evicts the surplus. A concurrent creation
 * waits for the lock and then sees the result. A concurrent `revokeAll` waits for the sessions that
 * were read; if it was faster, its sessions are no longer live and are not counted.
 */
const createInTransaction = (sqlContext: SqlContext): CreateLimited => {
  const { dialect, tables } = sqlContext;
  const lock = lockUser(sqlContext);
  const read = readSession(sqlContext);
  const insert = createOne(sqlContext);
  const findSame = findSameCreation(sqlContext);
  const newestLive = new Statement<'userId' | 'max'>(
    (p) => sql`select session_id is not null as is_found, session_id, created_at
      from (select 1 as one) as t left join ${tables.sessions}
        on user_id = ${p('userId')} and ${isLive(sqlContext)}
      order by created_at desc, session_id desc limit ${p('max')} ${forUpdate(dialect)}`,
  );
  const evict = new Statement<'userId' | 'createdAt' | 'sessionId' | 'kept' | 'time' | 'callId'>(
    (p) => sql`update ${tables.sessions} set revoked_at = ${p('time')}, revoked_reason = 'evicted',
        revoked_by = ${p('callId')}
      where user_id = ${p('userId')} and ${isLive(sqlContext)} and created_at <= ${p('createdAt')}
        and (created_at < ${p('createdAt')} or session_id <= ${p('sessionId')})
        and session_id <> ${p('kept')}`,
  );
  const evictedBy = new Statement<'userId' | 'callId'>((p) => revokedBy(sqlContext, p));
  const withoutTransaction =
    dialect === 'sqlite' ? createWithoutTransaction(sqlContext) : undefined;

  return (db, session, { max, policy }) => {
    const body = async (trx: Database): Promise<CreateOutcome> => {
      const { userId, callId } = session;
      await lock(trx, userId);
      const { rows } = await trx.run(newestLive, { userId, max });
      if (rows.length === 0) throw new StoreRecordError('the list of sessions has no row');
      // The surplus is this session and all that are older.
      const newestSurplus = rows.filter(foundIn)[max - 1];
      if (newestSurplus && policy === 'refuse') {
        const known = await read(trx, session.sessionId);
        return known ? findSame(trx, session, { max, policy }) : { kind: 'refused' };
      }

      const record = await insert(trx, session);
      if (!record) return findSame(trx, session, { max, policy });
      if (!newestSurplus) return { kind: 'created', record, evicted: [] };
      const createdAt = numberIn(newestSurplus, 'created_at');
      const sessionId = textIn(newestSurplus, 'session_id');
      const kept = session.sessionId;
      await trx.run(evict, { userId, createdAt, sessionId, kept, time: record.createdAt, callId });
      const evicted = (await trx.run(evictedBy, { userId, callId })).rows;
      return { kind: 'created', record, evicted: evicted.map((row) => textIn(row, 'session_id')) };
    };
    const without = withoutTransaction && (() => withoutTransaction(db, session, { max, policy }));
    return db.transaction(body, without);
  };
};
