import { describe, expect, it } from 'vitest';
import { ageOf, decideRotation, type RotationDecision } from '../../src/store/rotation.ts';
import { explore } from './explore.ts';
import type { Cast, Decide } from './steps.ts';
import { policy } from './world.ts';

/** How many steps to add to each depth: `PAWL_MODEL_DEPTH=3` adds three, and takes minutes. */
const deeper = Number(process.env['PAWL_MODEL_DEPTH'] ?? 0);

const alone: Cast = {};
const withThief: Cast = { thief: true };
const withStepUp: Cast = { stepUp: true };
const withLogout: Cast = { logout: true };
const withFailOver: Cast = { failOver: true };

describe('no order of steps breaks a rule, with', () => {
  it.each<[string, Cast, number]>([
    ['a client with two tabs and a bad network', alone, 10],
    ['the same, and a thief', withThief, 8],
    ['the same, and a logout', withLogout, 8],
    ['the same, and a step-up', withStepUp, 9],
    ['the same, and a store that loses a write', withFailOver, 9],
  ])(
    '%s',
    (_, cast, depth) => {
      const { worlds, counterexample } = explore(cast, decideRotation, depth + deeper);
      expect(counterexample).toBeNull();
      expect(worlds).toBeGreaterThan(5_000);
    },
    600_000,
  );
});

/** Returns a table in which one row has another decision. */
const instead =
  (row: RotationDecision, decision: RotationDecision): Decide =>
  (record, input, now) => {
    const decided = decideRotation(record, input, now);
    return decided === row ? decision : decided;
  };

/** Returns a table that sees a changed record. */
const blindTo =
  (change: (...given: Parameters<Decide>) => Partial<Parameters<Decide>[0]>): Decide =>
  (record, input, now) =>
    decideRotation({ ...record, ...change(record, input, now) }, input, now);

const withPolicy =
  (change: Partial<typeof policy>): Decide =>
  (record, input, now) =>
    decideRotation(record, { ...input, policy: { ...policy, ...change } }, now);

describe('a table with one wrong row breaks a rule:', () => {
  it.each<[string, Decide, Cast, number]>([
    ['a revoked session goes on', instead('revoked', 'rotated'), withLogout, 6],
    ['an older token gets a retry', instead('reuse_detected', 'retry'), withThief, 9],
    ['an older token is exchanged', instead('reuse_detected', 'replayed'), withThief, 9],
    ['a run of late replays goes on', instead('late_run', 'replayed_late'), alone, 12],
    ['one late replay ends the session', withPolicy({ maxLateRun: 1 }), alone, 8],
    [
      'a generation without a late replay does not end the run',
      blindTo(() => ({ lateReplayAt: null })),
      alone,
      12,
    ],
    ['a late replay is a reuse', instead('replayed_late', 'reuse_detected'), alone, 8],
    ['a replay is a reuse', instead('replayed', 'reuse_detected'), alone, 8],
    ['a retry is a reuse', instead('retry_counted', 'reuse_detected'), alone, 9],
    [
      'a late request gets the successor after it was used',
      instead('retry_counted', 'replayed'),
      withThief,
      9,
    ],
    ['nothing settles', withPolicy({ settlePeriod: 0 }), alone, 11],
    ['a settled token rotates', instead('settled', 'rotated'), alone, 11],
    ['the current token is a fork', instead('rotated', 'fork'), alone, 6],
    ['a rotation that is sent again is a replay', instead('rotated_again', 'replayed'), alone, 6],
    ['a replay that is sent again counts twice', instead('replayed_again', 'replayed'), alone, 8],
    ['a strike that is sent again counts twice', instead('retry_again', 'retry_counted'), alone, 9],
    [
      'a call that detected a reuse, sent again, does not report it',
      instead('reuse_detected_again', 'revoked'),
      withThief,
      9,
    ],
    [
      'a call that ended a lost session, sent again, does not report it',
      instead('lost_again', 'revoked'),
      withFailOver,
      9,
    ],
    ['what a step-up replaced is a reuse', instead('superseded', 'reuse_detected'), withStepUp, 9],
    ['what a step-up replaced is exchanged', instead('superseded', 'replayed'), withStepUp, 9],
    ['no floor', blindTo(() => ({ floor: 0 })), withStepUp, 9],
    ['a newer token is a fork', instead('regression', 'fork'), withFailOver, 9],
    ['a newer token is accepted', instead('regression', 'settled'), withFailOver, 9],
    ['a newer token is not recorded', instead('regression', 'retry'), withFailOver, 9],
    ['a lost session never ends', instead('lost', 'regression'), withFailOver, 9],
    ['a lost write is forgotten at once', blindTo(() => ({ regressedAt: null })), withFailOver, 10],
    [
      'a token of another history is a fork while the current token is unused',
      blindTo(({ confirmed, rotatedAt }, _, now) => ({
        confirmed: confirmed || now - rotatedAt >= policy.regressionPeriod,
      })),
      withFailOver,
      10,
    ],
    [
      'a late replay has no grace period of its own',
      (record, input, now) => {
        const blind = { ...record, lateReplayAt: null };
        return ageOf(record, now) <= policy.gracePeriod && record.lateReplayAt !== null
          ? decideRotation(blind, input, now)
          : decideRotation(record, input, now);
      },
      alone,
      10,
    ],
  ])(
    '%s',
    (_, decide, cast, depth) => {
      const { counterexample } = explore(cast, decide, depth);
      expect(counterexample).not.toBeNull();
    },
    600_000,
  );
});
