import { InvalidInputError } from '@pawl/core';
import { type NewSession, newRecord, type SessionRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { hasReturning, least, type Sql, typed } from '../sql/dialect.ts';
import { isDuplicate } from '../sql/failure.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { ownSession } from './copy-bytes.ts';

/** What a caller gives of a new row. */
export type InsertParameter =
  | 'sessionId'
  | 'userId'
  | 'kid'
  | 'tokenHash'
  | 'salt'
  | 'accessHash'
  | 'issuedAt'
  | 'idleTimeout'
  | 'expiresAt'
  | 'deviceId'
  | 'attributes'
  | 'claims'
  | 'data'
  | 'ring';

export const insertValues = (
  session: NewSession,
): Readonly<Record<InsertParameter, string | number | Uint8Array | null>> => {
  const { first, ...given } = session;
  return { ...given, ...first, ring: new Uint8Array(0) };
};

/** `insert into … (…) select …`, up to where a condition or a conflict clause may follow. */
export const insertSession = (
  { dialect, tables, now }: Grammar,
  p: (name: InsertParameter) => Sql,
  createdAt: Sql = now,
): Sql => {
  const bytes = (name: InsertParameter): Sql => typed(dialect, 'bytea', p(name));
  const number = (name: InsertParameter): Sql => typed(dialect, 'bigint', p(name));
  const text = (name: InsertParameter): Sql => typed(dialect, 'text', p(name));
  const sweepAt = least(dialect, number('expiresAt'), sql`${now} + ${number('idleTimeout')}`);
  return sql`insert into ${tables.sessions} (
      session_id, user_id, generation, floor, kid, token_hash, salt, ring, access_hash,
      previous_access_hash, confirmed, replays, strikes, created_at, rotated_at,
      previous_rotated_at, issued_at, last_active_at, idle_timeout, expires_at, sweep_at,
      revoked_at, revoked_reason, device_id, attributes, claims, data, data_version
    ) select
      ${text('sessionId')}, ${text('userId')}, 0, 0, ${number('kid')}, ${bytes('tokenHash')},
      ${bytes('salt')}, ${bytes('ring')}, ${bytes('accessHash')},
      null, 0, 0, 0, ${createdAt}, ${now},
      ${now}, ${number('issuedAt')}, ${now}, ${number('idleTimeout')}, ${number('expiresAt')}, ${sweepAt},
      null, null, ${text('deviceId')}, ${text('attributes')}, ${text('claims')}, ${text('data')}, 0`;
};

/** Stores one session, in one statement. @throws InvalidInputError for an id that exists. */
export const createOne = (
  grammar: Grammar,
): ((db: Database, session: NewSession) => Promise<SessionRecord>) => {
  const { dialect, now } = grammar;
  const insert = new Statement<InsertParameter>((p) =>
    hasReturning(dialect)
      ? sql`${insertSession(grammar, p)} where true on conflict do nothing returning created_at`
      : // What the function is given comes back with the answer, like a generated key.
        insertSession(grammar, p, sql`last_insert_id(${now})`),
  );
  return async (db, session) => {
    try {
      const { rows, insertId } = await db.run(insert, insertValues(session));
      const createdAt = Number(rows[0]?.created_at ?? insertId);
      if (createdAt !== 0) return newRecord(ownSession(session), createdAt);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    throw exists();
  };
};

export const exists = (): InvalidInputError => new InvalidInputError('sessionId', 'exists already');
