import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { type Sql, typed } from '../sql/dialect.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { isLive } from './live.ts';
import { slotOf } from './lock.ts';
import { gate, throughGate } from './user-lock.ts';

type Selection = 'userId' | 'reason' | 'except' | 'deviceId';
type Run = (
  db: Database,
  selection: Readonly<Record<Selection, string | null>> & { readonly userId: string },
) => Promise<string[]>;

/** Everywhere it is one `update`; how the ids come back is each dialect's own way. */
export const revokeAllSessions = (
  grammar: Grammar,
): ((db: Database) => SessionStore['revokeAll']) => {
  const run = { postgres: gated, mysql: signed, sqlite: returned }[grammar.dialect](grammar);
  return (db) =>
    async (userId, reason, { exceptSessionId = '', deviceId = null } = {}) => ({
      revoked: await run(db, { userId, reason, except: exceptSessionId, deviceId }),
    });
};

const revoke = (grammar: Grammar, p: (name: Selection) => Sql, also: Sql = sql``): Sql => {
  const { dialect, tables, now } = grammar;
  const device = typed(dialect, 'text', p('deviceId'));
  return sql`update ${tables.sessions}
    set revoked_at = ${now}, revoked_reason = ${p('reason')}${also}
    where user_id = ${p('userId')} and ${isLive(grammar)}
      and session_id <> ${p('except')} and (${device} is null or device_id = ${device})`;
};

/** SQLite has one writer at a time. */
const returned = (grammar: Grammar): Run => {
  const statement = new Statement<Selection>(
    (p) => sql`${revoke(grammar, p)} returning session_id`,
  );
  return async (db, selection) =>
    (await db.run(statement, selection)).rows.map((row) => row.session_id as string);
};

/** With a gate, or it would overlook a session that a creation under a limit is putting in. */
const gated = (grammar: Grammar): Run => {
  const through = throughGate(grammar);
  const statement = new Statement<Selection | 'slot'>(
    (p) => sql`with ${gate(grammar, p('slot'))}, revoked as (
        ${revoke(grammar, p)} and exists (select from gate) returning session_id
      )
      select exists (select from gate) as opened,
        (select string_agg(session_id, ' ') from revoked) as revoked`,
  );
  return (db, selection) =>
    through(db, selection.userId, async (inner) => {
      const slot = slotOf(selection.userId);
      const [row] = (await inner.run(statement, { ...selection, slot })).rows;
      if (row?.opened !== true) return null;
      return typeof row.revoked === 'string' ? row.revoked.split(' ') : [];
    });
};

/** MySQL cannot answer which rows it changed: the update signs them, and a `select` looks for the signature. */
const signed = (grammar: Grammar): Run => {
  const update = new Statement<Selection | 'signature'>((p) =>
    revoke(grammar, p, sql`, revocation = ${p('signature')}`),
  );
  const select = new Statement<'userId' | 'signature'>(
    (p) => sql`select session_id from ${grammar.tables.sessions}
      where user_id = ${p('userId')} and revocation = ${p('signature')}`,
  );
  return async (db, selection) => {
    const signature = crypto.getRandomValues(new Uint8Array(16));
    const { affected } = await db.run(update, { ...selection, signature });
    if (affected === 0) return [];
    const { rows } = await db.run(select, { userId: selection.userId, signature });
    return rows.map((row) => row.session_id as string);
  };
};
