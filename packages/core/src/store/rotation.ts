import { bytesEqual } from '../token/bytes.ts';
import { endOf, type GenerationRecord, type SessionRecord } from './session-record.ts';

/** How many consumed tokens a record remembers, and by how many bytes of their hash. */
export const ringLength = 4;
export const ringHashBytes = 8;

/**
 * In ms: how far a store's clock may step back (a failover to a replica that is
 * a little behind) before a rotation that seems to lie in the future is treated
 * as one of unknown age: no grace, and no settling.
 */
const clockTolerance = 1_000;

/** The numbers that rotation is decided by. Periods in ms; `docs/rotation.md` has the reasons. */
export interface RotationPolicy {
  /** W: how long a consumed token is answered with its successor again. 0: never. */
  readonly gracePeriod: number;
  /** M: how long after a rotation the new token is answered with itself. 0: never. */
  readonly settlePeriod: number;
  /** S: how long after a rotation a straggler is told to retry. 0: never. */
  readonly strikePeriod: number;
  /** R: replays within the grace period, and stragglers that are told to retry after it. */
  readonly maxReplays: number;
  /** R₂: replays of a successor that nobody ever used, however late. */
  readonly maxUnconfirmedReplays: number;
}

/** A refresh token was presented, and this is what it would become. */
export interface RotationInput {
  readonly sessionId: string;
  /** The generation of the presented token. */
  readonly generation: number;
  /** SHA-256 of the presented token, 32 bytes. */
  readonly tokenHash: Uint8Array;
  readonly next: GenerationRecord;
  readonly policy: RotationPolicy;
}

export type RotationOutcome =
  | { readonly kind: 'missing' }
  | {
      /**
       * - `rotated`: the successor is the current token now.
       * - `settled`: the presented token is current and fresh: same pair again.
       * - `replayed`: the presented token is consumed; its successor is answered again.
       * - `retry`: refused, nothing minted, nothing revoked.
       * - `reuse_detected`, `fork`: the session has just been revoked.
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
      /** In ms, on the store's clock: from the last rotation *before* the operation until now; negative if its clock stepped back. */
      readonly age: number;
      /** The store's time. */
      readonly now: number;
    };

/** What a decision says, before anybody carries it out. */
export type RotationDecision =
  | 'rotated'
  | 'settled'
  | 'replayed'
  /** A replay past the grace period, which begins anew with it. */
  | 'replayed_late'
  /** Retry that counts as a strike. */
  | 'retry_counted'
  /** Retry that costs nothing: the straggler is within the grace period. */
  | 'retry'
  | 'reuse_detected'
  | 'fork'
  | 'regression'
  | 'revoked'
  | 'expired';

/**
 * The decision table of `docs/rotation.md`, as a pure function: adapters that
 * can lock or compare-and-set use it as it is, others translate it, and the
 * contract suite holds all of them to it.
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
  // A token of ours that was never consumed: two histories of one session exist.
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
  // After a step-up there is no successor that could be derived from this token.
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

/** What the caller is told of a decision. */
const kindOf = (
  decision: RotationDecision,
): Exclude<RotationDecision, 'replayed_late' | 'retry_counted'> => {
  if (decision === 'replayed_late') return 'replayed';
  return decision === 'retry_counted' ? 'retry' : decision;
};

/**
 * Carries a decision out on a record: what the record is afterwards, and what
 * the caller is told. Returns the very same record where nothing changes.
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
      // What was in flight when the device came back gets a grace period of its own.
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

/** The record after its current token was replaced by the next one. */
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
