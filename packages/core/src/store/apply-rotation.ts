import {
  ageOf,
  type DecidedRotation,
  decideRotation,
  type RotationDecision,
  type RotationInput,
  type RotationKind,
  ringHashBytes,
  ringLength,
} from './rotation.ts';
import type { GenerationRecord, SessionRecord } from './session-record.ts';

/** The outcome that the caller receives for a decision. */
const kindOf = (decision: RotationDecision): RotationKind => {
  if (decision === 'replayed_late') return 'replayed';
  if (decision === 'retry_counted') return 'retry';
  if (decision === 'late_run') return 'reuse_detected';
  return decision.replace('_again', '') as RotationKind;
};

/**
 * Decides about a presented token and applies the decision to the record. Returns the outcome with
 * the new record; it is the same object if nothing changes.
 *
 * @example
 * ```ts
 * const outcome = applyRotation(record, input, now);
 * if (outcome.record !== record) await write(outcome.record);
 * ```
 */
export const applyRotation = (
  record: SessionRecord,
  input: RotationInput,
  now: number,
): DecidedRotation => applyDecision(record, decideRotation(record, input, now), input, now);

/** Applies a decision to the record, as {@link applyRotation} does with the one that it makes. */
export const applyDecision = (
  record: SessionRecord,
  decision: RotationDecision,
  input: RotationInput,
  now: number,
): DecidedRotation => {
  const age = ageOf(record, now);
  return { kind: kindOf(decision), record: recordAfter(record, decision, input, now), age, now };
};

const recordAfter = (
  record: SessionRecord,
  decision: RotationDecision,
  { next, callId }: RotationInput,
  now: number,
): SessionRecord => {
  switch (decision) {
    case 'rotated':
      return withNextGeneration(record, next, now);
    case 'settled':
      return record.confirmed ? record : { ...record, confirmed: true };
    case 'replayed':
      return { ...record, replays: record.replays + 1, lastCallId: callId };
    case 'replayed_late':
      // Concurrent requests of the device that came back get a grace period of their own.
      return {
        ...record,
        replays: record.replays + 1,
        lateRun: record.lateReplayAt === null ? record.lateRun + 1 : record.lateRun,
        lateReplayAt: now,
        issuedAt: next.issuedAt,
        lastCallId: callId,
      };
    case 'retry_counted':
      return { ...record, strikes: record.strikes + 1, lastCallId: callId };
    case 'regression':
      return record.regressedAt === null ? { ...record, regressedAt: now } : record;
    case 'late_run':
      return { ...withEnd(record, 'reuse_detected', callId, now), lateRun: record.lateRun + 1 };
    case 'reuse_detected':
    case 'fork':
    case 'lost':
      return withEnd(record, decision, callId, now);
    default:
      return record;
  }
};

const withEnd = (
  record: SessionRecord,
  revokedReason: string,
  revokedBy: Uint8Array,
  now: number,
): SessionRecord => ({ ...record, revokedAt: now, revokedReason, revokedBy });

/** Returns the record after its current token was consumed and replaced by the next one. */
export const withNextGeneration = (
  record: SessionRecord,
  next: GenerationRecord,
  now: number,
): SessionRecord => {
  const ring = new Uint8Array(
    Math.min(record.ring.length + ringHashBytes, ringLength * ringHashBytes),
  );
  ring.set(record.tokenHash.subarray(0, ringHashBytes));
  ring.set(record.ring.subarray(0, ring.length - ringHashBytes), ringHashBytes);
  return {
    ...record,
    generation: record.generation + 1,
    kid: next.kid,
    tokenHash: next.tokenHash,
    salt: next.salt,
    ring,
    accessHash: next.accessHash,
    previousAccessHash: record.accessHash,
    confirmed: false,
    replays: 0,
    strikes: 0,
    // A generation without a late replay ends the run.
    lateRun: record.lateReplayAt === null ? 0 : record.lateRun,
    lateReplayAt: null,
    lastCallId: null,
    // A step-up replaces every token, the one of a lost write too.
    regressedAt: null,
    rotatedAt: now,
    issuedAt: next.issuedAt,
    lastActiveAt: Math.max(now, record.lastActiveAt),
  };
};
