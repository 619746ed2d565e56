import type { SessionLimit } from '@pawl/core';
import type { CreateOutcome, NewSession, SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { forUpdate } from '../sql/dialect.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { createAtOnce } from './create-single-statement.ts';
import { createOne, exists } from './insert.ts';
import { isLive } from './live.ts';
import { lockUser } from './lock.ts';
import { readSession } from './read.ts';

/** Creates under a limit, in a transaction whose first statement has locked the user. */
type CreateLimited = (
  db: Database,
  session: NewSession,
  limit: SessionLimit,
) => Promise<CreateOutcome>;

export const createSession = (grammar: Grammar): ((db: Database) => SessionStore['create']) => {
  const insert = createOne(grammar);
  const createLimited =
    grammar.dialect === 'postgres' ? createAtOnce(grammar) : createStepByStep(grammar);
  return (db) => async (session, limit) => {
    if (limit) return createLimited(db, session, limit);
    return { kind: 'created', record: await insert(db, session), evicted: [] };
  };
};

/**
 * Locks the user, looks, inserts, ends what is too many. A racing creation
 * waits for the lock and sees all of it; a racing `revokeAll` waits for the
 * sessions that were looked at. One that was ended before is not counted.
 */
const createStepByStep = (grammar: Grammar): CreateLimited => {
  const { dialect, tables } = grammar;
  const lock = lockUser(grammar);
  const read = readSession(grammar);
  const insert = createOne(grammar);
  const live = new Statement<'userId'>(
    (p) => sql`select session_id from ${tables.sessions}
      where user_id = ${p('userId')} and ${isLive(grammar)}
      order by created_at, session_id ${forUpdate(dialect)}`,
  );
  const evict = new Statement<'sessionId' | 'time'>(
    (p) => sql`update ${tables.sessions} set revoked_at = ${p('time')}, revoked_reason = 'evicted'
      where session_id = ${p('sessionId')} and revoked_at is null`,
  );

  return (db, session, { max, policy }) =>
    db.transaction(async (trx) => {
      const { userId } = session;
      await lock(trx, userId);
      const { rows } = await trx.run(live, { userId });
      const surplus = rows.slice(0, Math.max(0, rows.length - max + 1));
      if (surplus.length > 0 && policy === 'refuse') {
        if (await read(trx, session.sessionId)) throw exists();
        return { kind: 'refused' };
      }

      const record = await insert(trx, session);
      const evicted = surplus.map((row) => row.session_id as string);
      for (const sessionId of evicted) await trx.run(evict, { sessionId, time: record.createdAt });
      return { kind: 'created', record, evicted };
    });
};
