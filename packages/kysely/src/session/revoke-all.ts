import { StoreRecordError } from '@pawl/core';
import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { type Sql, typed } from '../sql/dialect.ts';
import { isRevocable } from '../sql/revocable.ts';
import { flagIn, orNull, type Row, textIn } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { isLive } from './live.ts';
import { bumpLockVersion, lockSlotOf, runWithUserLock } from './user-lock.ts';

type Selection = 'userId' | 'reason' | 'except' | 'deviceId' | 'callId';
type Run = (
  db: Database,
  selection: Readonly<Record<Selection, string | Uint8Array | null>> & { readonly userId: string },
) => Promise<string[]>;

/**
 * `SessionStore.revokeAll`: one `update`, which stores the callId, and on MySQL a `select`. The ids are
 * those of the sessions that the call revoked, now or when it was sent the first time.
 */
export const revokeAllSessions = (
  sqlContext: SqlContext,
): ((db: Database) => SessionStore['revokeAll']) => {
  const implementations = { postgres: revokeLocked, mysql: revokeAndFind, sqlite: revokeReturning };
  const run = implementations[sqlContext.dialect](sqlContext);
  return (db) =>
    async ({ userId, reason, callId, exceptSessionId = '', deviceId = null }) => ({
      revoked: await run(db, { userId, reason, except: exceptSessionId, deviceId, callId }),
    });
};

const isSelected = (sqlContext: SqlContext, p: (name: Selection) => Sql): Sql => {
  const device = typed(sqlContext.dialect, 'text', p('deviceId'));
  return sql`${isLive(sqlContext)}
    and session_id <> ${p('except')} and (${device} is null or device_id = ${device})`;
};

const revoke = (sqlContext: SqlContext, p: (name: Selection) => Sql): Sql => {
  const { tables, now } = sqlContext;
  return sql`update ${tables.sessions}
    set revoked_at = ${now}, revoked_reason = ${p('reason')}, revoked_by = ${p('callId')}
    where user_id = ${p('userId')} and ${isSelected(sqlContext, p)}`;
};

/** Selects the sessions that a call has revoked. */
export const revokedBy = (
  { tables }: SqlContext,
  p: (name: 'userId' | 'callId') => Sql,
): Sql => sql`select session_id from ${tables.sessions}
    where revoked_by = ${p('callId')} and user_id = ${p('userId')}`;

/** PostgreSQL: bumps the lock version, or it would miss a session that is created concurrently. */
const revokeLocked = (sqlContext: SqlContext): Run => {
  const withUserLock = runWithUserLock(sqlContext);
  const statement = new Statement<Selection | 'slot'>(
    (p) => sql`with ${bumpLockVersion(sqlContext, p('slot'))}, revoked as (
        ${revoke(sqlContext, p)} and exists (select from bumped) returning session_id
      )
      select exists (select from bumped) as was_bumped,
        (select string_agg(session_id, ' ') from (
          select session_id from revoked union ${revokedBy(sqlContext, p)}
        ) as ended) as revoked`,
  );
  return (db, selection) =>
    withUserLock(db, selection.userId, async (inner) => {
      const slot = lockSlotOf(selection.userId);
      const { row } = await inner.run(statement, { ...selection, slot });
      if (!flagIn(row, 'was_bumped')) return null;
      return orNull(textIn, row, 'revoked')?.split(' ') ?? [];
    });
};

/** MySQL cannot return the changed rows. */
const revokeAndFind = (sqlContext: SqlContext): Run => {
  const update = new Statement<Selection>((p) => revoke(sqlContext, p));
  const select = new Statement<'userId' | 'callId'>((p) => revokedBy(sqlContext, p));
  return async (db, selection) => {
    const { affected } = await db.run(update, selection);
    const { userId, callId } = selection;
    const { rows } = await db.run(select, { userId, callId });
    if (rows.length < affected)
      throw new StoreRecordError('sessions that were revoked are missing');
    return rows.map(idOf);
  };
};

/** SQLite: those of the first time are written unchanged, so that they are returned as well. */
const revokeReturning = (sqlContext: SqlContext): Run => {
  const table = sqlContext.tables.sessions;
  const sessions = { table, key: sql`session_id` };
  const statement = new Statement<Selection>(
    (p) => sql`update ${table} set
        revoked_reason = case when revoked_at is null then ${p('reason')} else revoked_reason end,
        revoked_at = coalesce(revoked_at, ${sqlContext.now}), revoked_by = ${p('callId')}
      where ${isRevocable(sqlContext, sessions, p, isSelected(sqlContext, p))}
      returning session_id`,
  );
  return async (db, selection) => (await db.run(statement, selection)).rows.map(idOf);
};

const idOf = (row: Row): string => textIn(row, 'session_id');
