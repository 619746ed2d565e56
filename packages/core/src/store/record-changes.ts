import { bytesEqual } from '../token/bytes.ts';
import { withNextGeneration } from './apply-rotation.ts';
import { callIdLength, isSameCall } from './call-id.ts';
import { endOf, type NewSession, type SessionRecord } from './session-record.ts';
import type { DataWriteInput, ElevationInput } from './session-store.ts';

/** How many data writes a record keeps the `callId` of. */
export const dataCallCount = 4;

/** Returns the record of a new session. */
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
 * Returns whether a `create` with an existing id is the call that created the session, sent again
 * because its reply was lost. Any other call must throw `InvalidInputError`.
 */
export const isSameCreation = (record: SessionRecord, { first }: NewSession): boolean =>
  record.generation === 0 && bytesEqual(record.tokenHash, first.tokenHash);

/**
 * Returns the record after activity; the same object if nothing changes, as when the session has
 * ended. A generation above the current one is no activity: the store has lost a write, and
 * `regressedAt` records when it first saw that.
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

/** The decision about a conditional write, and the record after it: the same object if nothing changes. */
export interface DecidedWrite {
  readonly kind: 'written' | 'conflict' | 'revoked' | 'expired';
  readonly record: SessionRecord;
}

/** Decides about a step-up and applies it to the record. */
export const applyElevation = (
  record: SessionRecord,
  { generation, next, attributes }: Omit<ElevationInput, 'sessionId'>,
  now: number,
): DecidedWrite => {
  const ended = endOf(record, now);
  if (ended) return { kind: ended, record };
  // The call is sent again: its first reply was lost.
  if (bytesEqual(record.tokenHash, next.tokenHash)) return { kind: 'written', record };
  if (record.generation !== generation) return { kind: 'conflict', record };
  const elevated = withNextGeneration(record, next, now);
  return { kind: 'written', record: { ...elevated, floor: elevated.generation, attributes } };
};

/** Decides about a write of claims and data and applies it to the record. */
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
