import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, record, request, rotatedAt } from '../../test/records.ts';
import { decideRotation, type RotationDecision, type RotationPolicy } from './rotation.ts';

/** All that a decision can depend on. */
interface Situation {
  readonly ended: 'revoked' | 'expired' | null;
  /** Generations that the presented token is behind the record's. */
  readonly behind: number;
  readonly hash: 'equal' | 'other';
  readonly rotatedBefore: boolean;
  readonly age: number;
  readonly elevated: boolean;
  readonly confirmed: boolean;
  readonly replays: number;
  readonly strikes: number;
  readonly policy: RotationPolicy;
}

const knownAge = ({ age }: Situation): boolean => age >= -1_000;
const inGrace = (s: Situation): boolean =>
  s.policy.gracePeriod > 0 && knownAge(s) && s.age <= s.policy.gracePeriod;
const replayable = (s: Situation): boolean =>
  !s.elevated &&
  ((inGrace(s) && s.replays < s.policy.maxReplays) ||
    (!s.confirmed && s.replays < s.policy.maxUnconfirmedReplays));
const strikes = (s: Situation): boolean =>
  (s.confirmed || s.elevated) &&
  s.policy.strikePeriod > 0 &&
  s.age <= s.policy.strikePeriod &&
  s.strikes < s.policy.maxReplays;
const live = (s: Situation): boolean => s.ended === null;
const settles = (s: Situation): boolean =>
  s.rotatedBefore && s.policy.settlePeriod > 0 && knownAge(s) && s.age < s.policy.settlePeriod;
const consumed = (s: Situation): boolean => live(s) && s.behind === 1 && s.hash === 'equal';

/** The table of the protocol, a row each: which one applies, and what it answers. */
const rows: readonly (readonly [RotationDecision, (s: Situation) => boolean])[] = [
  ['revoked', (s) => s.ended === 'revoked'],
  ['expired', (s) => s.ended === 'expired'],
  ['settled', (s) => live(s) && s.behind === 0 && s.hash === 'equal' && settles(s)],
  ['rotated', (s) => live(s) && s.behind === 0 && s.hash === 'equal' && !settles(s)],
  ['fork', (s) => live(s) && s.behind === 0 && s.hash === 'other'],
  ['replayed', (s) => consumed(s) && replayable(s) && inGrace(s)],
  ['replayed_late', (s) => consumed(s) && replayable(s) && !inGrace(s)],
  ['retry', (s) => consumed(s) && !replayable(s) && inGrace(s)],
  ['retry_counted', (s) => consumed(s) && !replayable(s) && !inGrace(s) && strikes(s)],
  ['reuse_detected', (s) => consumed(s) && !replayable(s) && !inGrace(s) && !strikes(s)],
  ['reuse_detected', (s) => live(s) && s.behind > 1 && s.behind <= 4 && s.hash === 'equal'],
  ['fork', (s) => live(s) && s.behind >= 1 && s.behind <= 4 && s.hash === 'other'],
  ['reuse_detected', (s) => live(s) && s.behind > 4],
  ['regression', (s) => live(s) && s.behind < 0],
];

const near = (...edges: number[]): fc.Arbitrary<number> =>
  fc.tuple(fc.constantFrom(...edges), fc.integer({ min: -2, max: 2 })).map(([e, d]) => e + d);

const situations: fc.Arbitrary<Situation> = fc
  .record({
    ended: fc.constantFrom(null, null, null, null, 'revoked' as const, 'expired' as const),
    behind: fc.constantFrom(-1, 0, 0, 1, 1, 1, 1, 2, 4, 5, 6),
    hash: fc.constantFrom('equal', 'equal', 'equal', 'other'),
    rotatedBefore: fc.boolean(),
    age: fc.oneof(near(-1_000, 0, 10_000, 60_000, 120_000), near(-100_000, 1_000_000)),
    elevated: fc.boolean(),
    confirmed: fc.boolean(),
    replays: fc.constantFrom(0, 4, 5, 19, 20),
    strikes: fc.constantFrom(0, 1, 4, 5),
    policy: fc.record({
      gracePeriod: fc.constantFrom(0, 10_000),
      settlePeriod: fc.constantFrom(0, 60_000),
      strikePeriod: fc.constantFrom(0, 120_000),
      maxReplays: fc.constantFrom(0, 5),
      maxUnconfirmedReplays: fc.constantFrom(0, 20),
    }),
  })
  .map((s) => (s.behind > 0 ? { ...s, rotatedBefore: true } : s) as Situation);

const decisionFor = (s: Situation): RotationDecision => {
  const generation = s.rotatedBefore ? 6 : 0;
  const presented = generation - s.behind;
  const now = rotatedAt + s.age;
  const met = record({
    generation,
    floor: s.elevated ? generation : 0,
    confirmed: s.confirmed,
    replays: s.replays,
    strikes: s.strikes,
    ...(s.ended === 'revoked' && { revokedAt: now }),
    ...(s.ended === 'expired' && { expiresAt: now }),
  });
  const tokenHash = hashOf(presented, s.hash === 'equal' ? 'main' : 'other');
  return decideRotation(met, request(presented, { tokenHash, policy: s.policy }), now);
};

describe('the rotation table', () => {
  it('has exactly one row for every situation, and it is the one that is decided by', () => {
    const met = new Set<number>();
    fc.assert(
      fc.property(situations, (situation) => {
        const applying = rows.flatMap((row, index) => (row[1](situation) ? [index] : []));
        expect(applying).toHaveLength(1);
        const index = applying[0] as number;
        met.add(index);
        expect(decisionFor(situation)).toBe(rows[index]?.[0]);
      }),
      { numRuns: 5_000 },
    );
    expect(met.size).toBe(rows.length);
  });
});
