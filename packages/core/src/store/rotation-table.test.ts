import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callIdOf, hashOf, record, request, rotatedAt } from '../../test/records.ts';
import { decideRotation, type RotationDecision, type RotationPolicy } from './rotation.ts';

/** All that a decision can depend on. */
interface Situation {
  readonly ended: 'revoked' | 'ended_by_this_call' | 'expired' | null;
  /** In ms: the time since a newer token was first seen; null if none was. */
  readonly regressed: number | null;
  /** Generations that the presented token is behind the record's. */
  readonly behind: number;
  readonly hash: 'equal' | 'other';
  readonly rotatedBefore: boolean;
  /** In ms: the time since the rotation. */
  readonly sinceRotation: number;
  /** In ms: the time since the last late replay of this generation; null if there was none. */
  readonly sinceLateReplay: number | null;
  readonly elevated: boolean;
  readonly confirmed: boolean;
  readonly replays: number;
  readonly strikes: number;
  readonly lateRun: number;
  /** What this call has done before, if it is sent again. */
  readonly sentAgain: 'rotated' | 'counted' | null;
  readonly policy: RotationPolicy;
}

const ageOf = (s: Situation): number =>
  s.sinceLateReplay === null ? s.sinceRotation : Math.min(s.sinceRotation, s.sinceLateReplay);
const knownAge = (s: Situation): boolean => ageOf(s) >= -1_000;
const inGrace = (s: Situation): boolean =>
  s.policy.gracePeriod > 0 && knownAge(s) && ageOf(s) <= s.policy.gracePeriod;
const sound = (s: Situation): boolean => s.ended === null && s.regressed === null;
const known = (s: Situation): boolean => s.behind > 4 || s.hash === 'equal';
/** A token with a valid tag that the record has never held. */
const foreign = (s: Situation): boolean =>
  sound(s) && !again(s) && s.behind >= 0 && s.behind <= 4 && s.hash === 'other';
const mayBeLost = (s: Situation): boolean =>
  s.rotatedBefore && (!s.confirmed || s.sinceRotation < s.policy.regressionPeriod);
const current = (s: Situation): boolean => sound(s) && s.behind === 0 && s.hash === 'equal';
const settles = (s: Situation): boolean =>
  s.rotatedBefore && s.policy.settlePeriod > 0 && knownAge(s) && ageOf(s) < s.policy.settlePeriod;
const again = (s: Situation): boolean => sound(s) && s.behind === 1 && s.sentAgain === 'rotated';
const beforeStepUp = (s: Situation): boolean =>
  sound(s) && !again(s) && s.behind >= 1 && s.elevated && known(s);
const predecessor = (s: Situation): boolean =>
  sound(s) && !again(s) && s.behind === 1 && !s.elevated && known(s);
const counted = (s: Situation): boolean => predecessor(s) && s.sentAgain === 'counted';
const first = (s: Situation): boolean => predecessor(s) && s.sentAgain !== 'counted';
const replayable = (s: Situation): boolean =>
  (inGrace(s) && s.replays < s.policy.maxReplays) ||
  (!s.confirmed && s.replays < s.policy.maxUnconfirmedReplays);
const endsRun = (s: Situation): boolean =>
  s.sinceLateReplay === null && s.lateRun + 1 >= s.policy.maxLateRun;
const strikes = (s: Situation): boolean =>
  s.confirmed &&
  s.policy.strikePeriod > 0 &&
  ageOf(s) <= s.policy.strikePeriod &&
  s.strikes < s.policy.maxReplays;
const mayComeBack = (s: Situation): boolean =>
  s.regressed !== null && s.regressed < s.policy.regressionPeriod;

/** The table of the protocol, a row each: which one applies, and what it returns. */
const rows: readonly (readonly [RotationDecision, (s: Situation) => boolean])[] = [
  ['reuse_detected_again', (s) => s.ended === 'ended_by_this_call'],
  ['revoked', (s) => s.ended === 'revoked'],
  ['expired', (s) => s.ended === 'expired'],
  ['regression', (s) => s.ended === null && mayComeBack(s)],
  ['lost', (s) => s.ended === null && s.regressed !== null && !mayComeBack(s)],
  ['regression', (s) => sound(s) && s.behind < 0 && s.policy.regressionPeriod > 0],
  ['lost', (s) => sound(s) && s.behind < 0 && s.policy.regressionPeriod === 0],
  ['rotated_again', again],
  ['regression', (s) => foreign(s) && mayBeLost(s) && s.policy.regressionPeriod > 0],
  ['lost', (s) => foreign(s) && mayBeLost(s) && s.policy.regressionPeriod === 0],
  ['fork', (s) => foreign(s) && !mayBeLost(s)],
  ['settled', (s) => current(s) && settles(s)],
  ['rotated', (s) => current(s) && !settles(s)],
  ['retry', (s) => beforeStepUp(s) && inGrace(s)],
  ['superseded', (s) => beforeStepUp(s) && !inGrace(s)],
  ['replayed_again', (s) => counted(s) && (inGrace(s) || !s.confirmed)],
  ['retry_again', (s) => counted(s) && !inGrace(s) && s.confirmed],
  ['replayed', (s) => first(s) && replayable(s) && inGrace(s)],
  ['late_run', (s) => first(s) && replayable(s) && !inGrace(s) && endsRun(s)],
  ['replayed_late', (s) => first(s) && replayable(s) && !inGrace(s) && !endsRun(s)],
  ['retry', (s) => first(s) && !replayable(s) && inGrace(s)],
  ['retry_counted', (s) => first(s) && !replayable(s) && !inGrace(s) && strikes(s)],
  ['reuse_detected', (s) => first(s) && !replayable(s) && !inGrace(s) && !strikes(s)],
  ['reuse_detected', (s) => sound(s) && s.behind > 1 && !s.elevated && known(s)],
];

const near = (...edges: number[]): fc.Arbitrary<number> =>
  fc.tuple(fc.constantFrom(...edges), fc.integer({ min: -2, max: 2 })).map(([e, d]) => e + d);

const ages = fc.oneof(near(-1_000, 0, 10_000, 60_000, 120_000), near(-100_000, 1_000_000));

const situations: fc.Arbitrary<Situation> = fc
  .record({
    ended: fc.constantFrom(
      null,
      null,
      null,
      null,
      null,
      null,
      'revoked' as const,
      'ended_by_this_call' as const,
      'expired' as const,
    ),
    regressed: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, near(0, 60_000)),
    behind: fc.constantFrom(-1, 0, 0, 1, 1, 1, 1, 1, 2, 4, 5, 6),
    hash: fc.constantFrom('equal' as const, 'equal' as const, 'equal' as const, 'other' as const),
    rotatedBefore: fc.boolean(),
    sinceRotation: ages,
    sinceLateReplay: fc.oneof(fc.constant(null), ages),
    elevated: fc.boolean(),
    confirmed: fc.boolean(),
    replays: fc.constantFrom(0, 4, 5, 19, 20),
    strikes: fc.constantFrom(0, 1, 4, 5),
    lateRun: fc.constantFrom(0, 1, 2, 3),
    sentAgain: fc.constantFrom(null, null, 'rotated' as const, 'counted' as const),
    policy: fc.record({
      gracePeriod: fc.constantFrom(0, 10_000),
      settlePeriod: fc.constantFrom(0, 60_000),
      strikePeriod: fc.constantFrom(0, 120_000),
      maxReplays: fc.constantFrom(0, 5),
      maxUnconfirmedReplays: fc.constantFrom(0, 20),
      maxLateRun: fc.constantFrom(1, 3, 4),
      regressionPeriod: fc.constantFrom(0, 60_000),
    }),
  })
  .map((s) => (s.behind > 0 ? { ...s, rotatedBefore: true } : s));

const decisionFor = (s: Situation): RotationDecision => {
  const generation = s.rotatedBefore ? 6 : 0;
  const presented = generation - s.behind;
  const now = rotatedAt + s.sinceRotation;
  const tokenHash = hashOf(presented, s.hash === 'equal' ? 'main' : 'other');
  const input = request(presented, { tokenHash, policy: s.policy });
  const met = record({
    generation,
    floor: s.elevated ? generation : 0,
    confirmed: s.confirmed,
    replays: s.replays,
    strikes: s.strikes,
    lateRun: s.lateRun,
    lateReplayAt: s.sinceLateReplay === null ? null : now - s.sinceLateReplay,
    regressedAt: s.regressed === null ? null : now - s.regressed,
    lastCallId: s.sentAgain === 'counted' ? input.callId : callIdOf('another'),
    ...(s.sentAgain === 'rotated' && s.behind === 1 && { tokenHash: input.next.tokenHash }),
    ...(s.ended === 'revoked' && {
      revokedAt: now,
      revokedReason: 'reuse_detected',
      revokedBy: callIdOf('another'),
    }),
    ...(s.ended === 'ended_by_this_call' && {
      revokedAt: now,
      revokedReason: 'reuse_detected',
      revokedBy: input.callId,
    }),
    ...(s.ended === 'expired' && { expiresAt: now }),
  });
  return decideRotation(met, input, now);
};

describe('the rotation table', () => {
  it('has exactly one row for every situation, and decides by it', () => {
    const met = new Set<number>();
    fc.assert(
      fc.property(situations, (situation) => {
        const applying = rows.flatMap((row, index) => (row[1](situation) ? [index] : []));
        expect(applying).toHaveLength(1);
        const index = applying[0] as number;
        met.add(index);
        expect(decisionFor(situation)).toBe(rows[index]?.[0]);
      }),
      { numRuns: 6_000 },
    );
    expect(met.size).toBe(rows.length);
  }, 60_000);
});
