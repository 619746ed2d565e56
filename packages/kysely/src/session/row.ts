import type { SessionRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Row } from '../sql/database.ts';
import type { Sql } from '../sql/dialect.ts';
import type { Values } from '../sql/statement.ts';

/** The columns of a session record. */
export const recordColumns = [
  'session_id',
  'user_id',
  'generation',
  'floor',
  'kid',
  'token_hash',
  'salt',
  'ring',
  'access_hash',
  'previous_access_hash',
  'confirmed',
  'replays',
  'strikes',
  'late_run',
  'late_replay_at',
  'last_call_id',
  'created_at',
  'rotated_at',
  'issued_at',
  'last_active_at',
  'idle_timeout',
  'expires_at',
  'revoked_at',
  'revoked_reason',
  'revoked_by',
  'regressed_at',
  'device_id',
  'attributes',
  'claims',
  'data',
  'data_version',
  'data_call_ids',
] as const;

export type RecordColumn = (typeof recordColumns)[number];

/** The columns of a record as a list, for `select` or `returning`. */
export const recordList: Sql = sql.raw(recordColumns.join(', '));

/**
 * Converts a row to a record. Drivers return 8-byte integers as strings, and bytes as views of
 * larger buffers.
 */
export const recordOf = (row: Row): SessionRecord => ({
  sessionId: row.session_id as string,
  userId: row.user_id as string,
  generation: Number(row.generation),
  floor: Number(row.floor),
  kid: Number(row.kid),
  tokenHash: bytesOf(row.token_hash),
  salt: bytesOf(row.salt),
  ring: bytesOf(row.ring),
  accessHash: bytesOrNull(row.access_hash),
  previousAccessHash: bytesOrNull(row.previous_access_hash),
  confirmed: Number(row.confirmed) === 1,
  replays: Number(row.replays),
  strikes: Number(row.strikes),
  lateRun: Number(row.late_run),
  lateReplayAt: numberOrNull(row.late_replay_at),
  lastCallId: bytesOrNull(row.last_call_id),
  createdAt: Number(row.created_at),
  rotatedAt: Number(row.rotated_at),
  issuedAt: Number(row.issued_at),
  lastActiveAt: Number(row.last_active_at),
  idleTimeout: Number(row.idle_timeout),
  expiresAt: Number(row.expires_at),
  revokedAt: numberOrNull(row.revoked_at),
  revokedReason: row.revoked_reason as string | null,
  revokedBy: bytesOrNull(row.revoked_by),
  regressedAt: numberOrNull(row.regressed_at),
  deviceId: row.device_id as string | null,
  attributes: row.attributes as string,
  claims: row.claims as string,
  data: row.data as string,
  dataVersion: Number(row.data_version),
  dataCallIds: bytesOrNull(row.data_call_ids) ?? new Uint8Array(),
});

const bytesOf = (value: unknown): Uint8Array => new Uint8Array(value as Uint8Array);

const bytesOrNull = (value: unknown): Uint8Array | null => (value === null ? null : bytesOf(value));

const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));

/** Converts a record to a row. */
export const rowOf = (record: SessionRecord): Readonly<Record<RecordColumn, Values[string]>> => ({
  session_id: record.sessionId,
  user_id: record.userId,
  generation: record.generation,
  floor: record.floor,
  kid: record.kid,
  token_hash: record.tokenHash,
  salt: record.salt,
  ring: record.ring,
  access_hash: record.accessHash,
  previous_access_hash: record.previousAccessHash,
  confirmed: record.confirmed ? 1 : 0,
  replays: record.replays,
  strikes: record.strikes,
  late_run: record.lateRun,
  late_replay_at: record.lateReplayAt,
  last_call_id: record.lastCallId,
  created_at: record.createdAt,
  rotated_at: record.rotatedAt,
  issued_at: record.issuedAt,
  last_active_at: record.lastActiveAt,
  idle_timeout: record.idleTimeout,
  expires_at: record.expiresAt,
  revoked_at: record.revokedAt,
  revoked_reason: record.revokedReason,
  revoked_by: record.revokedBy,
  regressed_at: record.regressedAt,
  device_id: record.deviceId,
  attributes: record.attributes,
  claims: record.claims,
  data: record.data,
  data_version: record.dataVersion,
  data_call_ids: record.dataCallIds,
});
