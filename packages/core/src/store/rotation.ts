import { bytesEqual } from '../token/bytes.ts';
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
  readonly policy: RotationPolicy;
}

/** The result of {@link SessionStore.rotate}. */
export type RotationOutcome =
  | { readonly kind: 'missing' }
  | {
      /**
       * - `rotated`: the successor is the current token now.
       * - `settled`: the presented token is current and new: the same pair is returned.
       * - `replayed`: the presented token is consumed: its successor is returned again.
       * - `retry`: refused; no token is issued and nothing is revoked.
       * - `reuse_detected`, `fork`: this call has revoked the session.
       * - `regression`: the record is older than the token: the store lost a write.
       * - `revoked`, `expired`: the session had ended before.
       */
      readonly kind:
        | 'rotated'
        | 'settled'
        | 'replayed'
        | 'retry'
        | 'reuse_detected'
        | 'fork'
        | 'regression'
        | 'revoked'
        | 'expired';
      /** The record after the operation. */
      readonly record: SessionRecord;
      /**
       * In ms, on the store's clock: the time since the last rotation *before* the operation;
       * negative if the clock stepped back.
       */
      readonly age: number;
      /** The store's time. */
      readonly now: number;
    };

/** The decision about a presented token, before it is applied to the record. */
export type RotationDecision =
  | 'rotated'
  | 'settled'
  | 'replayed'
  /** A replay past the grace period. It starts the grace period again. */
  | 'replayed_late'
  /** `retry` past the grace period: it counts as a strike. */
  | 'retry_counted'
  /** `retry` within the grace period: it is not counted. */
  | 'retry'
  | 'reuse_detected'
  | 'fork'
  | 'regression'
  | 'revoked'
  | 'expired';

/**
 * The decision table of `docs/rotation.md` as a pure function. Adapters that can lock or
 * compare-and-set call it, others translate it; the contract suite checks all of them against it.
 */
export const decideRotation = (
  record: SessionRecord,
  request: Pick<RotationInput, 'generation' | 'tokenHash' | 'policy'>,
  now: number,
): RotationDecision => {
  const ended = endOf(record, now);
  if (ended) return ended;

  const behind = record.generation - request.generation;
  if (behind < 0) return 'regression';
  const age = now - record.rotatedAt;
  if (behind === 0) return decideCurrent(record, request, age);
  if (behind > ringLength) return 'reuse_detected';

  const offset = (behind - 1) * ringHashBytes;
  const consumed = record.ring.subarray(offset, offset + ringHashBytes);
  // The token was issued but never consumed: the session has two histories.
  if (!bytesEqual(consumed, request.tokenHash.subarray(0, ringHashBytes))) return 'fork';
  return behind === 1 ? decidePredecessor(record, request.policy, age) : 'reuse_detected';
};

const decideCurrent = (
  record: SessionRecord,
  { tokenHash, policy }: Pick<RotationInput, 'tokenHash' | 'policy'>,
  age: number,
): RotationDecision => {
  if (!bytesEqual(record.tokenHash, tokenHash)) return 'fork';
  const settles = policy.settlePeriod > 0 && age >= -clockTolerance && age < policy.settlePeriod;
  return record.generation > 0 && settles ? 'settled' : 'rotated';
};

const decidePredecessor = (
  record: SessionRecord,
  policy: RotationPolicy,
  age: number,
): RotationDecision => {
  const inGrace = isInGrace(policy, age);
  // After a step-up the successor cannot be derived from this token.
  const derived = record.floor < record.generation;
  if (derived && inGrace && record.replays < policy.maxReplays) return 'replayed';
  if (derived && !record.confirmed && record.replays < policy.maxUnconfirmedReplays) {
    return inGrace ? 'replayed' : 'replayed_late';
  }
  if (inGrace) return 'retry';
  const striking = policy.strikePeriod > 0 && age <= policy.strikePeriod;
  const forgivable = striking && record.strikes < policy.maxReplays;
  if ((record.confirmed || !derived) && forgivable) return 'retry_counted';
  return 'reuse_detected';
};

const isInGrace = ({ gracePeriod }: RotationPolicy, age: number): boolean =>
  gracePeriod > 0 && age >= -clockTolerance && age <= gracePeriod;

/** The outcome that the caller receives for a decision. */
const kindOf = (
  decision: RotationDecision,
): Exclude<RotationDecision, 'replayed_late' | 'retry_counted'> => {
  if (decision === 'replayed_late') return 'replayed';
  return decision === 'retry_counted' ? 'retry' : decision;
};

/**
 * Decides about a presented token and applies the decision to the record. Returns the outcome with
 * the new record; it is the same object if nothing changes.
 */
export const applyRotation = (
  record: SessionRecord,
  request: RotationInput,
  now: number,
): Exclude<RotationOutcome, { kind: 'missing' }> => {
  const decision = decideRotation(record, request, now);
  const age = now - record.rotatedAt;
  return { kind: kindOf(decision), record: recordAfter(record, decision, request, now), age, now };
};

const recordAfter = (
  record: SessionRecord,
  decision: RotationDecision,
  { next }: RotationInput,
  now: number,
): SessionRecord => {
  switch (decision) {
    case 'rotated':
      return withNextGeneration(record, next, now);
    case 'settled':
      return record.confirmed ? record : { ...record, confirmed: true };
    case 'replayed':
      return { ...record, replays: record.replays + 1 };
    case 'replayed_late':
      // Concurrent requests of the device that came back get a grace period of their own.
      return {
        ...record,
        replays: record.replays + 1,
        rotatedAt: now,
        issuedAt: next.issuedAt,
      };
    case 'retry_counted':
      return { ...record, strikes: record.strikes + 1 };
    case 'reuse_detected':
    case 'fork':
      return { ...record, revokedAt: now, revokedReason: decision };
    default:
      return record;
  }
};

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
    rotatedAt: now,
    issuedAt: next.issuedAt,
    lastActiveAt: Math.max(now, record.lastActiveAt),
  };
};
