import type { RotationPolicy } from '@pawl/core';
import {
  newRecord,
  type RotationInput,
  type SessionRecord,
  withNextGeneration,
} from '@pawl/core/store';
import { generationRecord, newSession, seededBytes } from '@pawl/testkit';
import fc from 'fast-check';
import { completeNewSession, encodeNewSession } from '../src/session/layout.ts';

/** Values on both sides of every boundary, and far from it. */
const ages = [
  -5_000, -1_001, -1_000, -1, 0, 1, 9, 10, 11, 59, 60, 61, 119, 120, 121, 5_000, 86_400_000,
];

const aPolicy: fc.Arbitrary<RotationPolicy> = fc.record({
  gracePeriod: fc.constantFrom(0, 10, 30_000),
  settlePeriod: fc.constantFrom(0, 60, 60_000),
  strikePeriod: fc.constantFrom(0, 120, 120_000),
  maxReplays: fc.constantFrom(0, 1, 5),
  maxUnconfirmedReplays: fc.constantFrom(0, 2, 20),
  maxLateRun: fc.constantFrom(1, 2, 4),
  regressionPeriod: fc.constantFrom(0, 60, 60_000),
});

/** A history of a session, and a call that presents a token of it. */
export interface Case {
  readonly rotations: number;
  /** How many of the last of them were step-ups. */
  readonly elevations: number;
  /** How many generations the presented token is behind. */
  readonly behind: number;
  readonly forged: boolean;
  readonly confirmed: boolean;
  readonly replays: number;
  readonly strikes: number;
  /** In ms: since the last rotation. */
  readonly age: number;
  /** In ms: since the last activity. */
  readonly idleFor: number;
  readonly access: boolean;
  readonly device: boolean;
  /** Why the session was revoked. */
  readonly revoked: string | null;
  readonly revokedBy: 'this' | 'another' | null;
  readonly lateRun: number;
  /** In ms: since the last late replay. */
  readonly lateReplay: number | null;
  /** In ms: since a lost write was first seen. */
  readonly regression: number | null;
  readonly lastCall: 'this' | 'another' | null;
  readonly dataCalls: number;
  readonly sentAgain: boolean;
  readonly policy: RotationPolicy;
}

export const aCase: fc.Arbitrary<Case> = fc.record({
  rotations: fc.nat(7),
  elevations: fc.nat(2),
  behind: fc.constantFrom(0, 0, 1, 1, 1, 2, 3, 4, 5, 6, -1),
  forged: fc.constantFrom(false, false, false, true),
  confirmed: fc.boolean(),
  replays: fc.constantFrom(0, 0, 1, 2, 4, 5, 19, 20),
  strikes: fc.constantFrom(0, 0, 1, 4, 5),
  age: fc.constantFrom(...ages),
  idleFor: fc.constantFrom(-700, 0, 0, 0, 1, 59_999, 60_000, 60_001),
  access: fc.boolean(),
  device: fc.boolean(),
  revoked: fc.constantFrom(
    null,
    null,
    null,
    null,
    null,
    'logout',
    'reuse_detected',
    'fork',
    'lost',
  ),
  revokedBy: fc.constantFrom('this' as const, 'another' as const, null),
  lateRun: fc.constantFrom(0, 0, 1, 2, 3),
  lateReplay: fc.constantFrom(null, null, ...ages),
  regression: fc.constantFrom(null, null, null, null, ...ages),
  lastCall: fc.constantFrom(null, null, 'this' as const, 'another' as const),
  dataCalls: fc.nat(4),
  sentAgain: fc.constantFrom(false, false, false, true),
  policy: aPolicy,
});

/** The record that core has after this history, at the server's time `now`. */
export const recordOf = (one: Case, now: number): SessionRecord => {
  const session = newSession({ deviceId: one.device ? 'phone' : null });
  const first = { ...session.first, ...(!one.access && { accessHash: null }) };
  let record = newRecord({ ...session, first }, now);
  for (let i = 1; i <= one.rotations; i++) {
    const next = generationRecord(i, record.sessionId, one.access ? {} : { accessHash: null });
    record = withNextGeneration(record, next, now);
    if (i > one.rotations - one.elevations) record = { ...record, floor: record.generation };
  }
  return {
    ...record,
    confirmed: one.confirmed,
    replays: one.replays,
    strikes: one.strikes,
    rotatedAt: now - one.age,
    lastActiveAt: now - one.idleFor,
    idleTimeout: 60_000,
    lateRun: one.lateRun,
    lateReplayAt: one.lateReplay === null ? null : now - one.lateReplay,
    regressedAt: one.regression === null ? null : now - one.regression,
    lastCallId: one.lastCall && callIdOf(one.lastCall),
    dataCallIds: seededBytes('calls', 64).subarray(0, 16 * one.dataCalls),
    ...(one.sentAgain && {
      tokenHash: generationRecord(record.generation, `${record.sessionId} next`).tokenHash,
    }),
    ...(one.revoked !== null && {
      revokedAt: now - 5,
      revokedReason: one.revoked,
      revokedBy: one.revokedBy && callIdOf(one.revokedBy),
    }),
  };
};

const callIdOf = (name: string): Uint8Array => seededBytes(`call ${name}`, 16);

/** The ring and the extras of `session/layout.ts`; a record without extras has no bytes for them. */
const unitsOf = (record: SessionRecord): Buffer => {
  const { ring, lateRun, lateReplayAt, regressedAt, lastCallId, revokedBy, dataCallIds } = record;
  const ids = Buffer.concat([lastCallId ?? none, revokedBy ?? none, dataCallIds]);
  const fixed = Buffer.alloc(16);
  fixed.writeUInt16BE(lateRun, 0);
  fixed.writeUInt16BE((lastCallId ? 1 : 0) + (revokedBy ? 2 : 0) + dataCallIds.length / 4, 2);
  fixed.writeUIntBE(lateReplayAt === null ? 0 : record.rotatedAt, 4, 6);
  fixed.writeUIntBE(regressedAt ?? 0, 10, 6);
  const extras = Buffer.concat([fixed, ids]);
  if (extras.every((byte) => byte === 0)) return Buffer.from(ring);
  return Buffer.concat([ring, Buffer.alloc(32 - ring.length), extras]);
};

const none = Buffer.alloc(0);

/** The bytes of any record, made from the bytes of a new one. */
export const bytesOf = (record: SessionRecord): Buffer => {
  const { accessHash, previousAccessHash, revokedAt, revokedReason } = record;
  const callId = callIdOf('create');
  const fresh = completeNewSession(encodeNewSession({ ...record, first: record, callId }), 0);
  const units = unitsOf(record);
  fresh[1] =
    (fresh[1] as number) |
    (record.confirmed ? 1 : 0) |
    (revokedAt === null ? 0 : 2) |
    (previousAccessHash ? 8 : 0);
  fresh.writeUInt32BE(record.generation, 4);
  fresh.writeUInt32BE(record.floor, 8);
  fresh.writeUInt16BE(record.replays, 12);
  fresh[14] = record.strikes;
  fresh[15] = units.length / 8;
  fresh.writeUIntBE(record.createdAt, 16, 6);
  fresh.writeUIntBE(record.lateReplayAt ?? record.rotatedAt, 22, 6);
  fresh.writeUIntBE(record.lastActiveAt, 28, 6);
  const head = fresh.subarray(0, 119);
  const rest = fresh.subarray(119 + (accessHash?.length ?? 0));
  const parts = [head, units, accessHash ?? none, previousAccessHash ?? none];
  if (revokedAt === null) return Buffer.concat([...parts, rest]);
  const revocation = Buffer.alloc(8);
  revocation.writeUIntBE(revokedAt, 0, 6);
  revocation.writeUInt16BE(revokedReason?.length ?? 0, 6);
  return Buffer.concat([...parts, revocation, Buffer.from(revokedReason ?? ''), rest]);
};

/** The call. */
export const inputFor = (one: Case, record: SessionRecord): RotationInput => {
  const generation = Math.max(0, record.generation - one.behind);
  const { sessionId } = record;
  return {
    sessionId,
    generation,
    tokenHash: one.forged
      ? seededBytes('forged', 32)
      : generationRecord(generation, sessionId).tokenHash,
    next: generationRecord(generation + 1, `${sessionId} next`),
    callId: callIdOf('this'),
    policy: one.policy,
  };
};
