import type { SessionLimit } from '@pawl/core';
import { type CreateOutcome, type NewSession, newRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database, Row } from '../sql/database.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { ownSession } from './copy-bytes.ts';
import { exists, type InsertParameter, insertSession, insertValues } from './insert.ts';
import { isLive } from './live.ts';
import { slotOf } from './lock.ts';
import { gate, throughGate } from './user-lock.ts';

/** On PostgreSQL counting, ending and inserting are one statement. */
export const createAtOnce = (
  grammar: Grammar,
): ((db: Database, session: NewSession, limit: SessionLimit) => Promise<CreateOutcome>) => {
  const { tables, now } = grammar;
  const gated = throughGate(grammar);
  const statement = new Statement<InsertParameter | 'slot' | 'keep' | 'refuse'>(
    (p) => sql`with ${gate(grammar, p('slot'))}, surplus as (
        select session_id from ${tables.sessions}
        where user_id = ${p('userId')} and ${isLive(grammar)}
        order by created_at desc, session_id desc offset ${p('keep')}
      ), inserted as (
        ${insertSession(grammar, p)}
        where exists (select from gate)
          and (${p('refuse')} = 0 or not exists (select from surplus))
        on conflict do nothing returning created_at
      ), evicted as (
        update ${tables.sessions} set revoked_at = ${now}, revoked_reason = 'evicted'
        where session_id in (select session_id from surplus) and revoked_at is null
          and exists (select from inserted)
        returning session_id
      )
      select exists (select from gate) as opened, exists (select from surplus) as is_full,
        (select created_at from inserted) as created_at,
        exists (select from ${tables.sessions} where session_id = ${p('sessionId')}) as is_known,
        (select string_agg(session_id, ' ') from evicted) as evicted`,
  );

  const run = async (
    db: Database,
    session: NewSession,
    { max, policy }: SessionLimit,
  ): Promise<CreateOutcome | null> => {
    const { rows } = await db.run(statement, {
      ...insertValues(session),
      slot: slotOf(session.userId),
      keep: max - 1,
      refuse: policy === 'refuse' ? 1 : 0,
    });
    const row = rows[0] as Row;
    if (row.opened !== true) return null;
    if (row.created_at === null) {
      // What is neither refused nor known was stored by somebody else at this moment.
      if (row.is_known === true || row.is_full !== true || policy !== 'refuse') throw exists();
      return { kind: 'refused' };
    }
    const record = newRecord(ownSession(session), Number(row.created_at));
    const evicted = typeof row.evicted === 'string' ? row.evicted.split(' ') : [];
    return { kind: 'created', record, evicted };
  };

  return (db, session, limit) => gated(db, session.userId, (inner) => run(inner, session, limit));
};
