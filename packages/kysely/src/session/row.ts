import type { SessionRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Sql } from '../sql/dialect.ts';
import { bytesIn, flagIn, numberIn, orNull, type Row, textIn } from '../sql/row-values.ts';
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
 * Converts a row to a record.
 *
 * @throws StoreRecordError if a column is missing or has another type
 */
export const recordOf = (row: Row): SessionRecord => ({
  sessionId: textIn(row, 'session_id'),
  userId: textIn(row, 'user_id'),
  generation: numberIn(row, 'generation'),
  floor: numberIn(row, 'floor'),
  kid: numberIn(row, 'kid'),
  tokenHash: bytesIn(row, 'token_hash'),
  salt: bytesIn(row, 'salt'),
  ring: bytesIn(row, 'ring'),
  accessHash: orNull(bytesIn, row, 'access_hash'),
  previousAccessHash: orNull(bytesIn, row, 'previous_access_hash'),
  confirmed: flagIn(row, 'confirmed'),
  replays: numberIn(row, 'replays'),
  strikes: numberIn(row, 'strikes'),
  lateRun: numberIn(row, 'late_run'),
  lateReplayAt: orNull(numberIn, row, 'late_replay_at'),
  lastCallId: orNull(bytesIn, row, 'last_call_id'),
  createdAt: numberIn(row, 'created_at'),
  rotatedAt: numberIn(row, 'rotated_at'),
  issuedAt: numberIn(row, 'issued_at'),
  lastActiveAt: numberIn(row, 'last_active_at'),
  idleTimeout: numberIn(row, 'idle_timeout'),
  expiresAt: numberIn(row, 'expires_at'),
  revokedAt: orNull(numberIn, row, 'revoked_at'),
  revokedReason: orNull(textIn, row, 'revoked_reason'),
  revokedBy: orNull(bytesIn, row, 'revoked_by'),
  regressedAt: orNull(numberIn, row, 'regressed_at'),
  deviceId: orNull(textIn, row, 'device_id'),
  attributes: textIn(row, 'attributes'),
  claims: textIn(row, 'claims'),
  data: textIn(row, 'data'),
  dataVersion: numberIn(row, 'data_version'),
  dataCallIds: orNull(bytesIn, row, 'data_call_ids') ?? new Uint8Array(),
});

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
