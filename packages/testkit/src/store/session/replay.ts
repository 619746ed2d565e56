import {
  defaultPolicy,
  generationRecord,
  replayInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { changes, periodEnding, present, sessionOf } from './presentation.ts';
import type { SessionSuite, SessionTrial } from './trial.ts';

/** With it, a token of another history is a fork as soon as the current one has been used. */
const certain = { ...defaultPolicy, regressionPeriod: 0 };

/** Rotation: the rows about a token that has been consumed. */
export const testReplay = (suite: SessionSuite): void =>
  suite.group('session replay and reuse', () => {
    suite.test('within the grace period the predecessor is a counted replay', async (t) => {
      const sessionId = await confirmedSession(t);
      for (let i = 0; i < 5; i++) {
        await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
      }
    });

    suite.test('at the last moment of the grace period it is a replay', async (t) => {
      const sessionId = await confirmedSession(t);
      const gracePeriod = await periodEnding.later(t, 10_000);
      const policy = { ...strictPolicy, gracePeriod, maxReplays: 1 };
      await present(t, replayInput(sessionId, 1, { policy }), 'replayed', changes.replayed);
    });

    suite.test('when the grace period is over it is none', async (t) => {
      const sessionId = await confirmedSession(t);
      const gracePeriod = await periodEnding.before(t, 10_000, 'included');
      const policy = { ...strictPolicy, gracePeriod, maxReplays: 1 };
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test('replays used up within the grace period mean retry, and no strike', async (t) => {
      const sessionId = await confirmedSession(t);
      const policy = { ...defaultPolicy, maxReplays: 1 };
      await present(t, replayInput(sessionId, 1, { policy }), 'replayed', changes.replayed);
      for (let i = 0; i < 3; i++) {
        await present(t, replayInput(sessionId, 1, { policy }), 'retry', changes.none);
      }
    });

    suite.test('an unconfirmed successor is replayed beyond those, and then retry', async (t) => {
      const sessionId = await sessionOf(t, 2);
      for (let i = 0; i < 20; i++) {
        await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
      }
      await present(t, replayInput(sessionId, 1), 'retry', changes.none);
    });

    suite.test('an unconfirmed successor is replayed however late', async (t) => {
      const sessionId = await sessionOf(t, 2);
      const policy = t.clock ? defaultPolicy : { ...strictPolicy, maxUnconfirmedReplays: 20 };
      const next = generationRecord(2, 'late', { issuedAt: 1_894_000_000 });
      await t.wait(t.clock ? 86_400_000 : 5);
      for (let i = 0; i < 20; i++) {
        await present(
          t,
          replayInput(sessionId, 1, { policy, next }),
          'replayed',
          changes.replayedLate,
        );
        await t.wait(t.clock ? 10_001 : 1);
      }
      await present(
        t,
        replayInput(sessionId, 1, { policy, next }),
        'reuse_detected',
        changes.reused,
      );
    });

    suite.test('a late replay has a grace period of its own', async (t) => {
      const sessionId = await sessionOf(t, 2);
      const long = t.clock ? 10_000 : 5_000;
      const patient = { ...strictPolicy, gracePeriod: long, maxReplays: 5 };
      const late = replayInput(sessionId, 1, {
        policy: { ...strictPolicy, maxUnconfirmedReplays: 20 },
      });
      await t.wait(t.clock ? 500_000 : 5);
      await present(t, late, 'replayed', changes.replayedLate);
      await t.store.sessions.touch(sessionId, 2);
      await t.wait(t.clock ? 10_000 : 5);
      const racing = replayInput(sessionId, 1, { policy: patient });
      await present(t, racing, 'replayed', changes.replayed);
    });

    suite.test('replays within the grace period count for the late ones too', async (t) => {
      const sessionId = await sessionOf(t, 2);
      for (let i = 0; i < 3; i++) {
        await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
      }
      const policy = { ...strictPolicy, maxUnconfirmedReplays: 4 };
      await present(t, replayInput(sessionId, 1, { policy }), 'replayed', changes.replayedLate);
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    for (const [how, confirm] of confirmations) {
      suite.test(`a late replay is over once the successor is confirmed ${how}`, async (t) => {
        const sessionId = await sessionOf(t, 2);
        await confirm(t, sessionId);
        const policy = { ...strictPolicy, maxUnconfirmedReplays: 20 };
        await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
      });
    }

    suite.test('use of the predecessor’s access token confirms nothing', async (t) => {
      const sessionId = await sessionOf(t, 2);
      await t.store.sessions.touch(sessionId, 1);
      await t.store.sessions.find(sessionId, { generation: 1, interval: 0 });
      const policy = { ...strictPolicy, maxUnconfirmedReplays: 20 };
      const request = replayInput(sessionId, 1, { policy });
      await present(t, request, 'replayed', changes.replayedLate);
    });

    suite.test('after the grace period as many stragglers are told to retry', async (t) => {
      const sessionId = await confirmedSession(t);
      const strikePeriod = await periodEnding.later(t, 120_000);
      const policy = { ...strictPolicy, strikePeriod, maxReplays: 3 };
      for (let i = 0; i < 3; i++) {
        await present(t, replayInput(sessionId, 1, { policy }), 'retry', changes.struck);
      }
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test('when the strike period is over nobody is', async (t) => {
      const sessionId = await confirmedSession(t);
      const strikePeriod = await periodEnding.before(t, 120_000, 'included');
      const policy = { ...strictPolicy, strikePeriod, maxReplays: 1 };
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test('in strict every predecessor is reuse, at once and unconfirmed', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const policy = strictPolicy;
      await present(t, replayInput(sessionId, 0, { policy }), 'reuse_detected', changes.reused);
      await present(t, replayInput(sessionId, 0, { policy }), 'revoked', changes.none);
    });

    suite.test('a predecessor with another hash is a fork', async (t) => {
      const sessionId = await confirmedSession(t);
      const request = replayInput(sessionId, 1, {
        tokenHash: seededBytes('another', 32),
        policy: certain,
      });
      await present(t, request, 'fork', changes.forked);
    });

    suite.test('the eighth byte of a hash tells a fork from a replay', async (t) => {
      const sessionId = await confirmedSession(t);
      const { tokenHash } = replayInput(sessionId, 1);
      const ninth = tokenHash.map((byte, i) => (i === 8 ? byte ^ 1 : byte));
      await present(
        t,
        replayInput(sessionId, 1, { tokenHash: ninth }),
        'replayed',
        changes.replayed,
      );
      const eighth = tokenHash.map((byte, i) => (i === 7 ? byte ^ 1 : byte));
      const request = replayInput(sessionId, 1, { tokenHash: eighth, policy: certain });
      await present(t, request, 'fork', changes.forked);
    });

    for (const behind of [2, 3, 4]) {
      suite.test(`a token ${behind} behind is reuse, if the ring has it`, async (t) => {
        const sessionId = await sessionOf(t, 5);
        await present(t, replayInput(sessionId, 5 - behind), 'reuse_detected', changes.reused);
      });

      suite.test(`a token ${behind} behind is a fork, if the ring has another`, async (t) => {
        const sessionId = await sessionOf(t, 5);
        await t.store.sessions.touch(sessionId, 5);
        // A hash that the ring has, but of another generation.
        const { tokenHash } = replayInput(sessionId, 4);
        const request = replayInput(sessionId, 5 - behind, { tokenHash, policy: certain });
        await present(t, request, 'fork', changes.forked);
      });
    }

    for (const behind of [5, 6]) {
      suite.test(`a token ${behind} behind is reuse, whatever its hash`, async (t) => {
        const sessionId = await sessionOf(t, 6);
        const tokenHash =
          behind === 5 ? seededBytes('another', 32) : replayInput(sessionId, 0).tokenHash;
        const request = replayInput(sessionId, 6 - behind, { tokenHash });
        await present(t, request, 'reuse_detected', changes.reused);
      });
    }

    suite.test('a clock that stepped back a second still settles and replays', async (t) => {
      const clock = t.requireClock();
      const sessionId = await confirmedSession(t);
      await clock.advance(-1_000);
      await present(t, replayInput(sessionId, 2), 'settled', changes.none);
      await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
    });

    suite.test('a clock that stepped back further grants no grace', async (t) => {
      const clock = t.requireClock();
      const sessionId = await confirmedSession(t);
      await clock.advance(-1_001);
      await present(t, replayInput(sessionId, 1), 'retry', changes.struck);
      const request = replayInput(sessionId, 2);
      // Activity never moves back, though the rotation is dated by the store's clock.
      const { record } = await present(t, request, 'rotated', changes.rotated);
      t.same(record.lastActiveAt - record.rotatedAt, 1_001);
    });
  });

/** A session in generation 2 whose access token has been used. */
const confirmedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await sessionOf(t, 2);
  await t.store.sessions.touch(sessionId, 2);
  return sessionId;
};

const confirmations: [string, (t: SessionTrial, sessionId: string) => Promise<unknown>][] = [
  ['by a touch', (t, id) => t.store.sessions.touch(id, 2)],
  ['by a refresh that settles', (t, id) => t.store.sessions.rotate(replayInput(id, 2))],
  [
    'by its first verification',
    async (t, id) => {
      const activity = { generation: 2, interval: 3_600_000 };
      const found = await t.store.sessions.find(id, activity);
      if (found?.touchDue) await t.store.sessions.touch(id, activity.generation);
    },
  ],
];
