import { bytesEqual } from '../token/bytes.ts';
import { isSameCall } from './call-id.ts';
import { endOf, type GenerationRecord, type SessionRecord } from './session-record.ts';

/** How many consumed refresh tokens a record keeps, each as the beginning of its hash. */
export const ringLength = 4;

/** In bytes: the part of a hash that the ring keeps of each consumed refresh token. */
export const ringHashBytes = 8;

/**
 * In ms: how far a store's clock may step back (a failover to a replica whose clock is behind). If a
 * rotation lies further in the future, its age is unknown: there is no grace and no settle period.
 */
const clockTolerance = 1_000;

/** The numbers of the rotation protocol. Periods in ms; `docs/rotation.md` gives the reasons. */
export interface RotationPolicy {
  /** W: how long a consumed token still returns its successor. 0: never. */
  readonly gracePeriod: number;
  /** M: how long after a rotation the new token returns itself instead of rotating. 0: never. */
  readonly settlePeriod: number;
  /** S: how long after a rotation a late request with the old token gets `retry`. 0: never. */
  readonly strikePeriod: number;
  /** R: the largest number of replays within the grace period, and of `retry` after it. */
  readonly maxReplays: number;
  /** R₂: the largest number of replays of a successor that was never used, however late. */
  readonly maxUnconfirmedReplays: number;
  /**
   * N: how many generations in a row may have a late replay, one after the grace period, before the
   * session ends: the first late replay of the Nth such generation ends it. At least 1.
   */
  readonly maxLateRun: number;
  /**
   * How long a lost write may still come back, from when the store first sees a token that is newer
   * than its record: until then the outcome is `regression`, after that the session ends with `lost`.
   * 0: it ends at once.
   */
  readonly regressionPeriod: number;
}

/** The input of {@link SessionStore.rotate}: the presented token and what would replace it. */
export interface RotationInput {
  readonly sessionId: string;
  /** The generation of the presented token. */
  readonly generation: number;
  /** SHA-256 of the presented token, 32 bytes. */
  readonly tokenHash: Uint8Array;
  /** What the store keeps of the successor, if the presented token is rotated. */
  readonly next: GenerationRecord;
  /** 16 random bytes; the same when the call is sent again. */
  readonly callId: Uint8Array;
  readonly policy: RotationPolicy;
}

/** The result of {@link SessionStore.rotate} for a session that the store knows. */
export interface DecidedRotation {
  /**
   * - `rotated`: the successor is the current token now.
   * - `settled`: the presented token is current and new: the same pair is returned.
   * - `replayed`: the presented token is consumed: its successor is returned again.
   * - `retry`: refused; no token is issued and nothing is revoked.
   * - `superseded`: a step-up has replaced the presented token: it is refused, nothing is revoked.
   * - `reuse_detected`, `fork`: this call has revoked the session.
   * - `regression`: the record is older than the token: the store lost a write, which may come back.
   * - `lost`: the write did not come back in time: this call has revoked the session.
   * - `revoked`, `expired`: the session had ended before.
   */
  readonly kind: RotationKind;
  /** The record after the operation. */
  readonly record: SessionRecord;
  /**
   * In ms, on the store's clock: the time since the last rotation or late replay *before* the
   * operation; negative if the clock stepped back.
   */
  readonly age: number;
  /** The store's time. */
  readonly now: number;
}

/** The result of {@link SessionStore.rotate}. */
export type RotationOutcome = { readonly kind: 'missing' } | DecidedRotation;

/** The outcomes of {@link SessionStore.rotate}, as {@link DecidedRotation.kind} explains them. */
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

/** The outcomes with a write: a call that is sent again must get the same one. */
export type RepeatableKind = 'rotated' | 'replayed' | 'retry' | 'reuse_detected' | 'fork' | 'lost';

/** The decision about a presented token, before it is applied to the record. */
export type RotationDecision =
  | RotationKind
  /** The call is sent again: it gets its first outcome, and nothing is written. */
  | `${RepeatableKind}_again`
  /** Late replays in too many generations in a row: the session ends with `reuse_detected`. */
  | 'late_run'
  /** A replay past the grace period. It starts the grace period again. */
  | 'replayed_late'
  /** `retry` past the grace period: it counts as a strike. */
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
  if (behind < 0) return decideLostWrite(policy);
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
  // A token that a step-up has replaced gives access to nothing, so it is no sign of a theft.
  if (generation < record.floor) {
    return isInGrace(policy, ageOf(record, now)) ? 'retry' : 'superseded';
  }
  return behind === 1 ? decidePredecessor(record, input, now) : 'reuse_detected';
};

/** In ms: the time since the current token was issued, or since a late replay returned it again. */
export const ageOf = (
  { rotatedAt, lateReplayAt }: Pick<SessionRecord, 'rotatedAt' | 'lateReplayAt'>,
  now: number,
): number => now - (lateReplayAt === null ? rotatedAt : Math.max(rotatedAt, lateReplayAt));

/** Returns whether the ring of the record holds this token as the one consumed `behind` generations ago. */
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

/** The first reply to the call that ended the session may be lost: sent again, it gets the same outcome. */
const decideRevoked = (
  { revokedBy, revokedReason }: SessionRecord,
  { callId }: Presented,
): RotationDecision =>
  isSameCall(revokedBy, callId) && endings.includes(revokedReason ?? '')
    ? `${revokedReason as 'reuse_detected' | 'fork' | 'lost'}_again`
    : 'revoked';

/**
 * The token belongs to another history of the session. Either it was made with a leaked root secret,
 * or the store lost a write, which must not end in an alarm. A lost write is possible soon after the
 * rotation that replaced it, and while the current token is unused.
 */
const decideFork = (
  record: SessionRecord,
  policy: RotationPolicy,
  now: number,
): RotationDecision =>
  record.generation > 0 && (!record.confirmed || now - record.rotatedAt < policy.regressionPeriod)
    ? decideLostWrite(policy)
    : 'fork';

/** The store seems to have lost a write: is it waited for? */
const decideLostWrite = ({ regressionPeriod }: RotationPolicy): RotationDecision =>
  regressionPeriod > 0 ? 'regression' : 'lost';

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
