import { ageOf, isConsumed, isInGrace, type RotationPolicy } from '../../store/rotation.ts';
import type { SessionRecord } from '../../store/session-record.ts';
import { bytesEqual } from '../../token/bytes.ts';

/** The numbers that a presented session token is judged by. Periods in ms. */
export interface PresentationPolicy extends RotationPolicy {
  /** How long after a rotation a session token is replaced by the next one. */
  readonly rotateAfter: number;
}

/**
 * What a presented session token is, by the table of `docs/rotation.md`:
 * - `current`: the request goes on;
 * - `due`: it goes on, and it is time for the next token;
 * - `replay`: the predecessor, within the grace period, of a successor that was never used:
 *   it goes on, with the same successor, derived without a write;
 * - `straggler`: the same, but the successor is in use: it goes on, without a token;
 * - `retry`: a newer token is in use: come back with it;
 * - `superseded`: the predecessor of a step-up: refused, nobody alarmed;
 * - `newer`: the record is older than the token: the store has lost a write;
 * - `rotate`: for `rotate` to decide, and to end the session with its evidence.
 */
export type PresentationDecision =
  | 'current'
  | 'due'
  | 'replay'
  | 'straggler'
  | 'retry'
  | 'superseded'
  | 'newer'
  | 'rotate';

/** Judges the session token of a request, of a record that is live. */
export const decidePresentation = (
  record: SessionRecord,
  presented: { readonly generation: number; readonly tokenHash: Uint8Array },
  policy: PresentationPolicy,
  now: number,
): PresentationDecision => {
  if (record.regressedAt !== null) return 'newer';
  const behind = record.generation - presented.generation;
  if (behind < 0) return 'newer';
  if (behind === 0) {
    if (!bytesEqual(record.tokenHash, presented.tokenHash)) return 'rotate';
    // From a late replay on, as well: answers that carry this token may still be under way.
    return ageOf(record, now) >= policy.rotateAfter ? 'due' : 'current';
  }
  if (behind > 1 || !isConsumed(record, behind, presented.tokenHash)) return 'rotate';
  const age = ageOf(record, now);
  const inGrace = isInGrace(policy, age);
  if (record.floor === record.generation) return inGrace ? 'retry' : 'superseded';
  if (inGrace) return record.confirmed ? 'straggler' : 'replay';
  if (!record.confirmed) return 'rotate';
  return policy.strikePeriod > 0 && age <= policy.strikePeriod ? 'retry' : 'rotate';
};
