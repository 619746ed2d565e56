import { InvalidInputError, type SessionLimit } from '@pawl/core';
import { type CreateOutcome, isSameCreation, type NewSession } from '@pawl/core/store';
import type { Database } from '../sql/database.ts';
import { textIn } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { readSession } from './read.ts';
import { revokedBy } from './revoke-all.ts';

/**
 * Returns the outcome of a creation whose id exists: `created` with the sessions that it evicted, if the
 * call that created the session is sent again.
 *
 * @throws InvalidInputError if another call created the session
 */
export const findSameCreation = (
  sqlContext: SqlContext,
): ((db: Database, session: NewSession, limit?: SessionLimit) => Promise<CreateOutcome>) => {
  const read = readSession(sqlContext);
  const evicted = new Statement<'userId' | 'callId'>((p) => revokedBy(sqlContext, p));
  return async (db, session, limit) => {
    const found = await read(db, session.sessionId);
    if (!found || !isSameCreation(found.record, session)) {
      throw new InvalidInputError('sessionId', 'already exists');
    }
    const { record } = found;
    if (!limit) return { kind: 'created', record, evicted: [] };
    const { userId, callId } = session;
    const { rows } = await db.run(evicted, { userId, callId });
    return { kind: 'created', record, evicted: rows.map((row) => textIn(row, 'session_id')) };
  };
};
