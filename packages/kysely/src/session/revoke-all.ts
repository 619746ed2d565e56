import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { type Sql, typed } from '../sql/dialect.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { isLive } from './live.ts';
import { bumpLockVersion, lockSlotOf, runWithUserLock } from './user-lock.ts';

type Selection = 'userId' | 'reason' | 'except' | 'deviceId';
type Run = (
  db: Database,
  selection: Readonly<Record<Selection, string | null>> & { readonly userId: string },
) => Promise<string[]>;

/** `SessionStore.revokeAll`: one `update`, whose ids each dialect returns in another way. */
export const revokeAllSessions = (
  sqlContext: SqlContext,
): ((db: Database) => SessionStore['revokeAll']) => {
  const revokers = { postgres: revokeLocked, mysql: revokeMarked, sqlite: revokeReturning };
  const run = revokers[sqlContext.dialect](sqlContext);
  return (db) =>
    async (userId, reason, { exceptSessionId = '', deviceId = null } = {}) => ({
      revoked: await run(db, { userId, reason, except: exceptSessionId, deviceId }),
    });
};

const revoke = (sqlContext: SqlContext, p: (name: Selection) => Sql, also: Sql = sql``): Sql => {
  const { dialect, tables, now } = sqlContext;
  const device = typed(dialect, 'text', p('deviceId'));
  return sql`update ${tables.sessions}
    set revoked_at = ${now}, revoked_reason = ${p('reason')}${also}
    where user_id = ${p('userId')} and ${isLive(sqlContext)}
      and session_id <> ${p('except')} and (${device} is null or device_id = ${device})`;
};

/** SQLite: needs no lock, because there is only one writer at a time. */
const revokeReturning = (sqlContext: SqlContext): Run => {
  const statement = new Statement<Selection>(
    (p) => sql`${revoke(sqlContext, p)} returning session_id`,
  );
  return async (db, selection) =>
    (await db.run(statement, selection)).rows.map((row) => row.session_id as string);
};

/** PostgreSQL: bumps the lock version, or it would miss a session that is created concurrently. */
const revokeLocked = (sqlContext: SqlContext): Run => {
  const withUserLock = runWithUserLock(sqlContext);
  const statement = new Statement<Selection | 'slot'>(
    (p) => sql`with ${bumpLockVersion(sqlContext, p('slot'))}, revoked as (
        ${revoke(sqlContext, p)} and exists (select from bumped) returning session_id
      )
      select exists (select from bumped) as was_bumped,
        (select string_agg(session_id, ' ') from revoked) as revoked`,
  );
  return (db, selection) =>
    withUserLock(db, selection.userId, async (inner) => {
      const slot = lockSlotOf(selection.userId);
      const [row] = (await inner.run(statement, { ...selection, slot })).rows;
      if (row?.was_bumped !== true) return null;
      return typeof row.revoked === 'string' ? row.revoked.split(' ') : [];
    });
};

/** MySQL: cannot return the changed rows, so the update marks them, and a `select` finds the mark. */
const revokeMarked = (sqlContext: SqlContext): Run => {
  const update = new Statement<Selection | 'mark'>((p) =>
    revoke(sqlContext, p, sql`, revocation = ${p('mark')}`),
  );
  const select = new Statement<'userId' | 'mark'>(
    (p) => sql`select session_id from ${sqlContext.tables.sessions}
      where user_id = ${p('userId')} and revocation = ${p('mark')}`,
  );
  return async (db, selection) => {
    const mark = crypto.getRandomValues(new Uint8Array(16));
    const { affected } = await db.run(update, { ...selection, mark });
    if (affected === 0) return [];
    const { rows } = await db.run(select, { userId: selection.userId, mark });
    return rows.map((row) => row.session_id as string);
  };
};
