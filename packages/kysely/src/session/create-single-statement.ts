import { type SessionLimit } from '@pawl/core';
import { type CreateOutcome, type NewSession, newRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { flagIn, numberIn, orNull, textIn } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { copySession } from './copy-bytes.ts';
import { type InsertParameter, insertSession, insertValues } from './insert.ts';
import { isLive } from './live.ts';
import { findSameCreation } from './same-creation.ts';
import { bumpLockVersion, lockSlotOf, runWithUserLock } from './user-lock.ts';

/** Creates under a limit. On PostgreSQL, counting, evicting and inserting are one statement. */
export const createInSingleStatement = (
  sqlContext: SqlContext,
): ((db: Database, session: NewSession, limit: SessionLimit) => Promise<CreateOutcome>) => {
  const { tables, now } = sqlContext;
  const withUserLock = runWithUserLock(sqlContext);
  const findSame = findSameCreation(sqlContext);
  const statement = new Statement<InsertParameter | 'callId' | 'slot' | 'keep' | 'refuse'>(
    (p) => sql`with ${bumpLockVersion(sqlContext, p('slot'))}, surplus as (
        select session_id from ${tables.sessions}
        where user_id = ${p('userId')} and ${isLive(sqlContext)}
        order by created_at desc, session_id desc offset ${p('keep')}
      ), inserted as (
        ${insertSession(sqlContext, p)}
        where exists (select from bumped)
          and (${p('refuse')} = 0 or not exists (select from surplus))
        on conflict do nothing returning created_at
      ), evicted as (
        update ${tables.sessions} set revoked_at = ${now}, revoked_reason = 'evicted',
          revoked_by = ${p('callId')}
        where session_id in (select session_id from surplus) and revoked_at is null
          and exists (select from inserted)
        returning session_id
      )
      select exists (select from bumped) as was_bumped, exists (select from surplus) as is_full,
        (select created_at from inserted) as created_at,
        exists (select from ${tables.sessions} where session_id = ${p('sessionId')}) as is_known,
        (select string_agg(session_id, ' ') from evicted) as evicted`,
  );

  const run = async (
    db: Database,
    session: NewSession,
    limit: SessionLimit,
  ): Promise<CreateOutcome | null> => {
    const { max, policy } = limit;
    const { row } = await db.run(statement, {
      ...insertValues(session),
      callId: session.callId,
      slot: lockSlotOf(session.userId),
      keep: max - 1,
      refuse: policy === 'refuse' ? 1 : 0,
    });
    if (!flagIn(row, 'was_bumped')) return null;
    const createdAt = orNull(numberIn, row, 'created_at');
    if (createdAt === null) {
      // If the id is not visible and nothing was refused, another call has just stored the id.
      if (flagIn(row, 'is_known') || !flagIn(row, 'is_full') || policy !== 'refuse') {
        return findSame(db, session, limit);
      }
      return { kind: 'refused' };
    }
    const record = newRecord(copySession(session), createdAt);
    const evicted = orNull(textIn, row, 'evicted')?.split(' ') ?? [];
    return { kind: 'created', record, evicted };
  };

  return (db, session, limit) =>
    withUserLock(db, session.userId, (inner) => run(inner, session, limit));
};
