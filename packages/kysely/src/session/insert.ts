import { type NewSession, newRecord, type SessionRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { hasReturning, least, type Sql, typed } from '../sql/dialect.ts';
import { isDuplicate } from '../sql/failure.ts';
import { createdAtIn } from '../sql/insert-result.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { copySession } from './copy-bytes.ts';

/** The values of a new row that the caller supplies. */
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

/** The parameters of {@link insertSession}. */
export const insertValues = (
  session: NewSession,
): Readonly<Record<InsertParameter, string | number | Uint8Array | null>> => {
  const { first, callId: _, ...given } = session;
  return { ...given, ...first, ring: new Uint8Array(0) };
};

/** The columns that {@link insertSession} writes, in its order. */
export const insertColumns: Sql = sql.raw(
  `session_id, user_id, generation, floor, kid, token_hash, salt, ring, access_hash, previous_access_hash, confirmed, replays, strikes, created_at, rotated_at, previous_rotated_at, issued_at, last_active_at, idle_timeout, expires_at, sweep_at, revoked_at, revoked_reason, device_id, attributes, claims, data, data_version`,
);

/** `insert into … (…) select …`, to which a condition or a conflict clause can be appended. */
export const insertSession = (
  { dialect, tables, now }: SqlContext,
  p: (name: InsertParameter) => Sql,
  createdAt: Sql = now,
): Sql => {
  const bytes = (name: InsertParameter): Sql => typed(dialect, 'bytea', p(name));
  const number = (name: InsertParameter): Sql => typed(dialect, 'bigint', p(name));
  const text = (name: InsertParameter): Sql => typed(dialect, 'text', p(name));
  const sweepAt = least(dialect, number('expiresAt'), sql`${now} + ${number('idleTimeout')}`);
  return sql`insert into ${tables.sessions} (
      ${insertColumns}
    ) select
      ${text('sessionId')}, ${text('userId')}, 0, 0, ${number('kid')}, ${bytes('tokenHash')},
      ${bytes('salt')}, ${bytes('ring')}, ${bytes('accessHash')},
      null, 0, 0, 0, ${createdAt}, ${now},
      ${now}, ${number('issuedAt')}, ${now}, ${number('idleTimeout')}, ${number('expiresAt')}, ${sweepAt},
      null, null, ${text('deviceId')}, ${text('attributes')}, ${text('claims')}, ${text('data')}, 0`;
};

/**
 * Stores one session in one statement. Returns null if the id already exists.
 */
export const createOne = (
  sqlContext: SqlContext,
): ((db: Database, session: NewSession) => Promise<SessionRecord | null>) => {
  const { dialect, now } = sqlContext;
  const insert = new Statement<InsertParameter>((p) =>
    hasReturning(dialect)
      ? sql`${insertSession(sqlContext, p)} where true on conflict do nothing returning created_at`
      : // The driver returns the argument of last_insert_id() like a generated key.
        insertSession(sqlContext, p, sql`last_insert_id(${now})`),
  );
  return async (db, session) => {
    try {
      const createdAt = createdAtIn(await db.run(insert, insertValues(session)), dialect);
      if (createdAt !== null) return newRecord(copySession(session), createdAt);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    return null;
  };
};
