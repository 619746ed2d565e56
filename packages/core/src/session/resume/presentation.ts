import { ageOf, isConsumed, isInGrace, type RotationPolicy } from '../../store/rotation.ts';
import type { SessionRecord } from '../../store/session-record.ts';
import { bytesEqual } from '../../token/bytes.ts';

/** The numbers that decide about a presented session token. Periods in ms. */
export interface PresentationPolicy extends RotationPolicy {
  /** How long after a rotation the next request rotates the session token again. */
  readonly rotateAfter: number;
}

/**
 * The decision about a presented session token, by the table of `docs/rotation.md`:
 * - `current`: the token is accepted;
 * - `due`: the token is accepted, and it is time to rotate it;
 * - `replay`: the predecessor within the grace period, while its successor is unused: the request is
 *   accepted and gets the same successor, which is derived without a write;
 * - `tolerated`: the predecessor within the grace period, while its successor is in use: the request
 *   is accepted and gets no token;
 * - `retry`: refused; the client must come back with its newer token;
 * - `superseded`: a step-up has replaced the token: it is refused, nothing is revoked;
 * - `regression`: the record is older than the token: the store has lost a write;
 * - `rotate`: the store's `rotate` decides, and may end the session with its evidence.
 */
export type PresentationDecision =
  | 'current'
  | 'due'
  | 'replay'
  | 'tolerated'
  | 'retry'
  | 'superseded'
  | 'regression'
  | 'rotate';

/** Decides about the session token of a request. The caller has checked that the session is live. */
export const decidePresentation = (
  record: SessionRecord,
  presented: { readonly generation: number; readonly tokenHash: Uint8Array },
  policy: PresentationPolicy,
  now: number,
): PresentationDecision => {
  if (record.regressedAt !== null) return 'regression';
  const behind = record.generation - presented.generation;
  if (behind < 0) return 'regression';
  if (behind === 0) {
    if (!bytesEqual(record.tokenHash, presented.tokenHash)) return 'rotate';
    // A late replay counts as a rotation here: responses with this token may still be in flight.
    return ageOf(record, now) >= policy.rotateAfter ? 'due' : 'current';
  }
  if (behind > 1 || !isConsumed(record, behind, presented.tokenHash)) return 'rotate';
  const age = ageOf(record, now);
  const inGrace = isInGrace(policy, age);
  if (record.floor === record.generation) return inGrace ? 'retry' : 'superseded';
  if (inGrace) return record.confirmed ? 'tolerated' : 'replay';
  if (!record.confirmed) return 'rotate';
  return policy.strikePeriod > 0 && age <= policy.strikePeriod ? 'retry' : 'rotate';
};
