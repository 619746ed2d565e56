import { bytesEqual } from '../token/bytes.ts';
import { isSameCall } from './call-id.ts';
import { endOf, type GenerationRecord, type SessionRecord } from './session-record.ts';

/** How many consumed refresh tokens a record keeps, each as the beginning of its hash. */
export const ringLength = 4;

/** In bytes: the part of a hash that the ring keeps of each consumed refresh token. */
export const ringHashBytes = 8;

/**
 * In ms: how far a store's clock may step back (a fail-over to a replica that is
 * a little behind) before a rotation that seems to lie in the future is treated
 * as one of unknown age: no grace, and no settling.
 */
const clockTolerance = 1_000;

/** The numbers of the rotation protocol. Periods in ms; `docs/rotation.md` gives the reasons. */
export interface RotationPolicy {
  /** W: how long a consumed token is exchanged for its successor again. 0: never. */
  readonly gracePeriod: number;
  /** M: how long after a rotation the new token is exchanged for itself. 0: never. */
  readonly settlePeriod: number;
  /** S: how long after a rotation a late request with the old token gets `retry`. 0: never. */
  readonly strikePeriod: number;
  /** R: the largest number of replays within the grace period, and of `retry` after it. */
  readonly maxReplays: number;
  /** R₂: replays of a successor that was never used, however late. */
  readonly maxUnconfirmedReplays: number;
  /** N: the late replay that would make it so many generations in a row ends the session. At least 1. */
  readonly maxLateRun: number;
  /**
   * How long a write that the store seems to have lost may still come back: until then a token
   * that is newer than the record gets 503, after that its session is over. 0: at once.
   */
  readonly regressionPeriod: number;
}

/** A presented refresh token, and what it would become. */
export interface RotationInput {
  readonly sessionId: string;
  /** The generation of the presented token. */
  readonly generation: number;
  /** SHA-256 of the presented token, 32 bytes. */
  readonly tokenHash: Uint8Array;
  /** What the record keeps of the successor. */
  readonly next: GenerationRecord;
  /** 16 random bytes, the same where the call is sent again. */
  readonly callId: Uint8Array;
  readonly policy: RotationPolicy;
}

/** What the caller of `rotate` gets, but for a session that is not there. */
export interface DecidedRotation {
  /**
   * - `rotated`: the successor is the current token now.
   * - `settled`: the presented token is current and fresh: the same pair again.
   * - `replayed`: the presented token is consumed; its successor is handed out again.
   * - `retry`: refused, nothing minted, nothing revoked.
   * - `superseded`: a token from before a step-up. Refused; it proves nothing.
   * - `reuse_detected`, `fork`: the session has just been revoked.
   * - `regression`: the store has lost a write; it may still come back.
   * - `lost`: the store has lost a write for good: the session has just ended.
   * - `revoked`, `expired`: the session had ended before.
   */
  readonly kind: RotationKind;
  /** The record after the operation. */
  readonly record: SessionRecord;
  /**
   * In ms, on the store's clock: from the last rotation, or late replay, *before* the
   * operation until now; negative if its clock stepped back.
   */
  readonly age: number;
  /** The store's time. */
  readonly now: number;
}

export type RotationOutcome = { readonly kind: 'missing' } | DecidedRotation;

export type RotationKind =
  | 'rotated'
  | 'settled'
  | 'replayed'
  | 'retry'
  | 'superseded'
  | 'reuse_detected'
  | 'fork'
  | 'regression'
  | 'lost'
  | 'revoked'
  | 'expired';

/** What a call can have changed, so that it must be known when it is sent again. */
export type RepeatableKind = 'rotated' | 'replayed' | 'retry' | 'reuse_detected' | 'fork' | 'lost';

/** The decision, before it is applied to the record. */
export type RotationDecision =
  | RotationKind
  /** The call is sent again: it returns what it returned first, and nothing is written. */
  | `${RepeatableKind}_again`
  /** The late replay that makes a run of them too long: the session ends by `reuse_detected`. */
  | 'late_run'
  /** A replay past the grace period, which begins anew with it. */
  | 'replayed_late'
  /** A retry that counts as a strike. */
  | 'retry_counted';

type Presented = Pick<RotationInput, 'generation' | 'tokenHash' | 'callId' | 'policy'> & {
  readonly next: Pick<GenerationRecord, 'tokenHash'>;
};

/**
 * The decision table of `docs/rotation.md` as a pure function. Adapters that can lock or
 * compare-and-set call it, others translate it; the contract suite checks all of them against it.
 */
export const decideRotation = (
  record: SessionRecord,
  input: Presented,
  now: number,
): RotationDecision => {
  const ended = endOf(record, now);
  if (ended === 'revoked') return decideRevoked(record, input);
  if (ended) return ended;
  const { policy, generation } = input;
  if (record.regressedAt !== null) {
    return now - record.regressedAt < policy.regressionPeriod ? 'regression' : 'lost';
  }
  const behind = record.generation - generation;
  if (behind < 0) return policy.regressionPeriod > 0 ? 'regression' : 'lost';
  if (behind === 1 && bytesEqual(record.tokenHash, input.next.tokenHash)) {
    return 'rotated_again';
  }
  if (behind === 0) {
    if (!bytesEqual(record.tokenHash, input.tokenHash)) return decideFork(record, policy, now);
    return decideCurrent(record, policy, now);
  }
  if (behind <= ringLength && !isConsumed(record, behind, input.tokenHash)) {
    return decideFork(record, policy, now);
  }
  // What a step-up has replaced gives nothing, so it proves nothing.
  if (generation < record.floor) {
    return isInGrace(policy, ageOf(record, now)) ? 'retry' : 'superseded';
  }
  return behind === 1 ? decidePredecessor(record, input, now) : 'reuse_detected';
};

/** In ms: how long ago the current token was made, or handed out by a late replay. */
export const ageOf = (
  { rotatedAt, lateReplayAt }: Pick<SessionRecord, 'rotatedAt' | 'lateReplayAt'>,
  now: number,
): number => now - (lateReplayAt === null ? rotatedAt : Math.max(rotatedAt, lateReplayAt));

/** Whether the record remembers that this token was consumed, so many generations ago. */
export const isConsumed = (
  { ring }: Pick<SessionRecord, 'ring'>,
  behind: number,
  tokenHash: Uint8Array,
): boolean => {
  const offset = (behind - 1) * ringHashBytes;
  const consumed = ring.subarray(offset, offset + ringHashBytes);
  return bytesEqual(consumed, tokenHash.subarray(0, ringHashBytes));
};

export const isInGrace = ({ gracePeriod }: RotationPolicy, age: number): boolean =>
  gracePeriod > 0 && age >= -clockTolerance && age <= gracePeriod;

const endings: readonly string[] = ['reuse_detected', 'fork', 'lost'];

/** The reply that told of the end may have been lost: who sends again must learn of it all the same. */
const decideRevoked = (
  { revokedBy, revokedReason }: SessionRecord,
  { callId }: Presented,
): RotationDecision =>
  isSameCall(revokedBy, callId) && endings.includes(revokedReason ?? '')
    ? `${revokedReason as 'reuse_detected' | 'fork' | 'lost'}_again`
    : 'revoked';

/**
 * Two histories of one session exist: a leaked root made one of them, or a store that has
 * lost a write, which must not look like a theft: it shows a moment after the rotation that
 * took its place, or as long as nobody has used what that one handed out.
 */
const decideFork = (
  record: SessionRecord,
  { regressionPeriod }: RotationPolicy,
  now: number,
): RotationDecision =>
  record.generation > 0 && (!record.confirmed || now - record.rotatedAt < regressionPeriod)
    ? 'regression'
    : 'fork';

const decideCurrent = (
  record: SessionRecord,
  { settlePeriod }: RotationPolicy,
  now: number,
): RotationDecision => {
  const age = ageOf(record, now);
  const settles = settlePeriod > 0 && age >= -clockTolerance && age < settlePeriod;
  return record.generation > 0 && settles ? 'settled' : 'rotated';
};

const decidePredecessor = (
  record: SessionRecord,
  { policy, callId }: Presented,
  now: number,
): RotationDecision => {
  const age = ageOf(record, now);
  const inGrace = isInGrace(policy, age);
  if (isSameCall(record.lastCallId, callId)) {
    return inGrace || !record.confirmed ? 'replayed_again' : 'retry_again';
  }
  if (inGrace && record.replays < policy.maxReplays) return 'replayed';
  if (!record.confirmed && record.replays < policy.maxUnconfirmedReplays) {
    if (inGrace) return 'replayed';
    // Several late replays in one generation count once.
    const counts = record.lateReplayAt === null;
    return counts && record.lateRun + 1 >= policy.maxLateRun ? 'late_run' : 'replayed_late';
  }
  if (inGrace) return 'retry';
  const striking = policy.strikePeriod > 0 && age <= policy.strikePeriod;
  const forgivable = record.confirmed && striking && record.strikes < policy.maxReplays;
  return forgivable ? 'retry_counted' : 'reuse_detected';
};
