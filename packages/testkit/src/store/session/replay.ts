import {
  defaultPolicy,
  generationRecord,
  replayInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { changes, createRotatedSession, period, present } from './presentation.ts';
import type { SessionSuite, SessionTrial } from './trial.ts';

/** A policy with which a token of another history is a fork as soon as the current token has been used. */
const certain = { ...defaultPolicy, regressionPeriod: 0 };

/** Rotation of a consumed token (the rows of the decision table about replay and reuse). */
export const registerReplay = (suite: SessionSuite): void =>
  suite.group('session replay and reuse', () => {
    suite.test('within the grace period the predecessor is replayed and counted', async (t) => {
      const sessionId = await confirmedSession(t);
      for (let i = 0; i < 5; i++) {
        await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
      }
    });

    suite.test(
      'the predecessor is replayed until the last moment of the grace period',
      async (t) => {
        const sessionId = await confirmedSession(t);
        const gracePeriod = await period.notOver(t, 10_000);
        const policy = { ...strictPolicy, gracePeriod, maxReplays: 1 };
        await present(t, replayInput(sessionId, 1, { policy }), 'replayed', changes.replayed);
      },
    );

    suite.test('after the grace period the predecessor is not replayed', async (t) => {
      const sessionId = await confirmedSession(t);
      const gracePeriod = await period.over(t, 10_000, 'included');
      const policy = { ...strictPolicy, gracePeriod, maxReplays: 1 };
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test(
      'more than maxReplays within the grace period get retry without a strike',
      async (t) => {
        const sessionId = await confirmedSession(t);
        const policy = { ...defaultPolicy, maxReplays: 1 };
        await present(t, replayInput(sessionId, 1, { policy }), 'replayed', changes.replayed);
        for (let i = 0; i < 3; i++) {
          await present(t, replayInput(sessionId, 1, { policy }), 'retry', changes.none);
        }
      },
    );

    suite.test(
      'an unconfirmed successor is replayed up to maxUnconfirmedReplays, then retry',
      async (t) => {
        const sessionId = await createRotatedSession(t, 2);
        for (let i = 0; i < 20; i++) {
          await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
        }
        await present(t, replayInput(sessionId, 1), 'retry', changes.none);
      },
    );

    suite.test('an unconfirmed successor is replayed after any time', async (t) => {
      const sessionId = await createRotatedSession(t, 2);
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

    suite.test('a late replay starts a new grace period', async (t) => {
      const sessionId = await createRotatedSession(t, 2);
      const long = t.clock ? 10_000 : 5_000;
      const policy = { ...strictPolicy, gracePeriod: long, maxReplays: 5 };
      const late = replayInput(sessionId, 1, {
        policy: { ...strictPolicy, maxUnconfirmedReplays: 20 },
      });
      await t.wait(t.clock ? 500_000 : 5);
      await present(t, late, 'replayed', changes.replayedLate);
      await t.store.sessions.touch(sessionId, 2);
      await t.wait(t.clock ? 10_000 : 5);
      const concurrent = replayInput(sessionId, 1, { policy });
      await present(t, concurrent, 'replayed', changes.replayed);
    });

    suite.test('replays within the grace period count towards the late ones', async (t) => {
      const sessionId = await createRotatedSession(t, 2);
      for (let i = 0; i < 3; i++) {
        await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
      }
      const policy = { ...strictPolicy, maxUnconfirmedReplays: 4 };
      await present(t, replayInput(sessionId, 1, { policy }), 'replayed', changes.replayedLate);
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    for (const [how, confirm] of confirmations) {
      suite.test(`no late replay once the successor is confirmed ${how}`, async (t) => {
        const sessionId = await createRotatedSession(t, 2);
        await confirm(t, sessionId);
        const policy = { ...strictPolicy, maxUnconfirmedReplays: 20 };
        await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
      });
    }

    suite.test(
      'use of the predecessor’s access token does not confirm the successor',
      async (t) => {
        const sessionId = await createRotatedSession(t, 2);
        await t.store.sessions.touch(sessionId, 1);
        await t.store.sessions.find(sessionId, { generation: 1, interval: 0 });
        const policy = { ...strictPolicy, maxUnconfirmedReplays: 20 };
        const input = replayInput(sessionId, 1, { policy });
        await present(t, input, 'replayed', changes.replayedLate);
      },
    );

    suite.test('within the strike period maxReplays late callers get retry', async (t) => {
      const sessionId = await confirmedSession(t);
      const strikePeriod = await period.notOver(t, 120_000);
      const policy = { ...strictPolicy, strikePeriod, maxReplays: 3 };
      for (let i = 0; i < 3; i++) {
        await present(t, replayInput(sessionId, 1, { policy }), 'retry', changes.struck);
      }
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test('after the strike period a late caller is reuse', async (t) => {
      const sessionId = await confirmedSession(t);
      const strikePeriod = await period.over(t, 120_000, 'included');
      const policy = { ...strictPolicy, strikePeriod, maxReplays: 1 };
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test(
      'with the strict policy every predecessor is reuse, even if unconfirmed',
      async (t) => {
        const sessionId = await createRotatedSession(t, 1);
        const policy = strictPolicy;
        await present(t, replayInput(sessionId, 0, { policy }), 'reuse_detected', changes.reused);
        await present(t, replayInput(sessionId, 0, { policy }), 'revoked', changes.none);
      },
    );

    suite.test('a predecessor with another hash is a fork', async (t) => {
      const sessionId = await confirmedSession(t);
      const input = replayInput(sessionId, 1, {
        tokenHash: seededBytes('another', 32),
        policy: certain,
      });
      await present(t, input, 'fork', changes.forked);
    });

    suite.test('eight bytes of a hash distinguish a fork from a replay', async (t) => {
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
      const input = replayInput(sessionId, 1, { tokenHash: eighth, policy: certain });
      await present(t, input, 'fork', changes.forked);
    });

    for (const behind of [2, 3, 4]) {
      suite.test(
        `a token ${behind} generations behind is reuse if the ring holds it`,
        async (t) => {
          const sessionId = await createRotatedSession(t, 5);
          await present(t, replayInput(sessionId, 5 - behind), 'reuse_detected', changes.reused);
        },
      );

      suite.test(
        `a token ${behind} generations behind is a fork if the ring holds another hash`,
        async (t) => {
          const sessionId = await createRotatedSession(t, 5);
          await t.store.sessions.touch(sessionId, 5);
          // The ring holds this hash for another generation.
          const { tokenHash } = replayInput(sessionId, 4);
          const input = replayInput(sessionId, 5 - behind, { tokenHash, policy: certain });
          await present(t, input, 'fork', changes.forked);
        },
      );
    }

    for (const behind of [5, 6]) {
      suite.test(`a token ${behind} generations behind is reuse, whatever its hash`, async (t) => {
        const sessionId = await createRotatedSession(t, 6);
        const tokenHash =
          behind === 5 ? seededBytes('another', 32) : replayInput(sessionId, 0).tokenHash;
        const input = replayInput(sessionId, 6 - behind, { tokenHash });
        await present(t, input, 'reuse_detected', changes.reused);
      });
    }

    suite.test(
      'after the clock steps back one second, tokens still settle and replay',
      async (t) => {
        const clock = t.requireClock();
        const sessionId = await confirmedSession(t);
        await clock.advance(-1_000);
        await present(t, replayInput(sessionId, 2), 'settled', changes.none);
        await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
      },
    );

    suite.test('after the clock steps back further, there is no grace period', async (t) => {
      const clock = t.requireClock();
      const sessionId = await confirmedSession(t);
      await clock.advance(-1_001);
      await present(t, replayInput(sessionId, 1), 'retry', changes.struck);
      const input = replayInput(sessionId, 2);
      // The last activity never moves back, although the rotation has the store's time.
      const { record } = await present(t, input, 'rotated', changes.rotated);
      t.same(record.lastActiveAt - record.rotatedAt, 1_001);
    });
  });

/** A session in generation 2 whose access token has been used. */
const confirmedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await createRotatedSession(t, 2);
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
