import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { hasReturning, type Sql, typed } from '../dialect.ts';
import type { Grammar } from '../grammar.ts';
import { Statement } from '../statement.ts';
import { isLive } from './live.ts';

type Selection = 'userId' | 'reason' | 'except' | 'deviceId';

/**
 * One `update`. MySQL cannot answer which rows it changed: there the update
 * signs them, and a `select` reads who has the signature.
 */
export const revokeAllSessions = (
  grammar: Grammar,
): ((db: Database) => SessionStore['revokeAll']) => {
  const { dialect, tables, now } = grammar;
  const revoke = (p: (name: Selection) => Sql, signature: Sql): Sql => {
    const device = typed(dialect, 'text', p('deviceId'));
    return sql`update ${tables.sessions}
      set revoked_at = ${now}, revoked_reason = ${p('reason')}${signature}
      where user_id = ${p('userId')} and ${isLive(grammar)}
        and session_id <> ${p('except')}
        and (${device} is null or device_id = ${device})`;
  };
  const returning = new Statement<Selection>((p) => sql`${revoke(p, sql``)} returning session_id`);
  const signing = new Statement<Selection | 'signature'>((p) =>
    revoke(p, sql`, revocation = ${p('signature')}`),
  );
  const signed = new Statement<'userId' | 'signature'>(
    (p) => sql`select session_id from ${tables.sessions}
      where user_id = ${p('userId')} and revocation = ${p('signature')}`,
  );

  const run = async (
    db: Database,
    selection: Readonly<Record<Selection, string | null>>,
  ): Promise<string[]> => {
    if (hasReturning(dialect)) return idsOf((await db.run(returning, selection)).rows);
    const signature = crypto.getRandomValues(new Uint8Array(16));
    const { affected } = await db.run(signing, { ...selection, signature });
    if (affected === 0) return [];
    return idsOf((await db.run(signed, { userId: selection.userId as string, signature })).rows);
  };

  return (db) =>
    async (userId, reason, { exceptSessionId = '', deviceId = null } = {}) => ({
      revoked: await run(db, { userId, reason, except: exceptSessionId, deviceId }),
    });
};

const idsOf = (rows: readonly { readonly session_id?: unknown }[]): string[] =>
  rows.map(({ session_id }) => session_id as string);
