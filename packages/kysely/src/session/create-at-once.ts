import {
  type CreateOutcome,
  type NewSession,
  newRecord,
  type SessionLimit,
} from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database, Row } from '../database.ts';
import { typed } from '../dialect.ts';
import type { Grammar } from '../grammar.ts';
import { Statement } from '../statement.ts';
import { exists, type InsertParameter, insertSession, insertValues } from './insert.ts';
import { isLive } from './live.ts';
import { lockUser, slotOf } from './lock.ts';
import { ownSession } from './own-bytes.ts';

/**
 * On PostgreSQL all of it is one statement. It sees the database as it was when
 * it began, so its gate opens only if no other creation of this user has
 * committed since: then the statement does nothing, and is run again in a
 * transaction that has locked the user first, where the gate is always open.
 */
export const createAtOnce = (
  grammar: Grammar,
): ((db: Database, session: NewSession, limit: SessionLimit) => Promise<CreateOutcome>) => {
  const { tables, now } = grammar;
  const lock = lockUser(grammar);
  const statement = new Statement<InsertParameter | 'slot' | 'keep' | 'refuse'>((p) => {
    const slot = typed('postgres', 'bigint', p('slot'));
    return sql`with gate as (
        update ${tables.locks} as lock set version = lock.version + 1
        from (select version from ${tables.locks} where slot = ${slot}) as seen
        where lock.slot = ${slot} and lock.version = seen.version
        returning 1
      ), surplus as (
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
      select exists (select from gate) as opened, exists (select from surplus) as full_up,
        (select created_at from inserted) as created_at,
        (select string_agg(session_id, ' ') from evicted) as evicted`;
  });

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
      if (row.full_up === true && policy === 'refuse') return { kind: 'refused' };
      throw exists();
    }
    const evicted = typeof row.evicted === 'string' ? row.evicted.split(' ') : [];
    const record = newRecord(ownSession(session), Number(row.created_at));
    return { kind: 'created', record, evicted };
  };

  return async (db, session, limit) =>
    (await run(db, session, limit)) ??
    db.transaction(async (trx) => {
      await lock(trx, session.userId);
      const outcome = await run(trx, session, limit);
      if (!outcome) throw new Error('within(trx): the transaction must be "read committed"');
      return outcome;
    });
};
