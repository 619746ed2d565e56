import { bytesEqual } from '../token/bytes.ts';
import { withNextGeneration } from './apply-rotation.ts';
import { callIdLength, isSameCall } from './call-id.ts';
import { endOf, type NewSession, type SessionRecord } from './session-record.ts';
import type { DataWriteInput, ElevationInput } from './session-store.ts';

/** How many data writes a record remembers the `callId` of. */
export const dataCallCount = 4;

/** The record of a session that begins now. */
export const newRecord = (session: NewSession, now: number): SessionRecord => ({
  sessionId: session.sessionId,
  userId: session.userId,
  idleTimeout: session.idleTimeout,
  expiresAt: session.expiresAt,
  deviceId: session.deviceId,
  attributes: session.attributes,
  claims: session.claims,
  data: session.data,
  ...session.first,
  generation: 0,
  floor: 0,
  ring: new Uint8Array(),
  previousAccessHash: null,
  confirmed: false,
  replays: 0,
  strikes: 0,
  lateRun: 0,
  lateReplayAt: null,
  lastCallId: null,
  createdAt: now,
  rotatedAt: now,
  lastActiveAt: now,
  revokedAt: null,
  revokedReason: null,
  revokedBy: null,
  regressedAt: null,
  dataVersion: 0,
  dataCallIds: new Uint8Array(),
});

/**
 * Whether a `create` of an id that exists is the call that made it, sent again: the reply to
 * it was lost. Any other call gets an `InvalidInputError`.
 */
export const isSameCreation = (record: SessionRecord, { first }: NewSession): boolean =>
  record.generation === 0 && bytesEqual(record.tokenHash, first.tokenHash);

/**
 * The record after activity of a generation; the very same one where the session has ended.
 * A generation that the record does not know yet shows that the store has lost a write: it is
 * noted as that, and is no activity.
 */
export const applyTouch = (
  record: SessionRecord,
  generation: number,
  now: number,
): SessionRecord => {
  if (endOf(record, now) !== null) return record;
  if (generation > record.generation) {
    return record.regressedAt === null ? { ...record, regressedAt: now } : record;
  }
  return {
    ...record,
    lastActiveAt: Math.max(now, record.lastActiveAt),
    confirmed: record.confirmed || record.generation === generation,
  };
};

/** A conditional write: what the caller gets, and the record afterwards, the very same one where nothing changes. */
export interface DecidedWrite {
  readonly kind: 'written' | 'conflict' | 'revoked' | 'expired';
  readonly record: SessionRecord;
}

/** Decides about a step-up, and applies it. */
export const applyElevation = (
  record: SessionRecord,
  { generation, next, attributes }: Omit<ElevationInput, 'sessionId'>,
  now: number,
): DecidedWrite => {
  const ended = endOf(record, now);
  if (ended) return { kind: ended, record };
  // Sent again: its first reply was lost.
  if (bytesEqual(record.tokenHash, next.tokenHash)) return { kind: 'written', record };
  if (record.generation !== generation) return { kind: 'conflict', record };
  const elevated = withNextGeneration(record, next, now);
  return { kind: 'written', record: { ...elevated, floor: elevated.generation, attributes } };
};

/** Decides about a write of claims and data, and applies it. */
export const applyDataWrite = (
  record: SessionRecord,
  { dataVersion, claims, data, callId }: Omit<DataWriteInput, 'sessionId'>,
  now: number,
): DecidedWrite => {
  const ended = endOf(record, now);
  if (ended) return { kind: ended, record };
  const before = record.dataCallIds;
  for (let at = 0; at < before.length; at += callIdLength) {
    if (isSameCall(before.subarray(at, at + callIdLength), callId)) {
      return { kind: 'written', record };
    }
  }
  if (record.dataVersion !== dataVersion) return { kind: 'conflict', record };
  const dataCallIds = new Uint8Array(
    Math.min(before.length + callIdLength, dataCallCount * callIdLength),
  );
  dataCallIds.set(callId);
  dataCallIds.set(before.subarray(0, dataCallIds.length - callIdLength), callIdLength);
  return {
    kind: 'written',
    record: { ...record, claims, data, dataVersion: dataVersion + 1, dataCallIds },
  };
};
