import {
  defaultPolicy,
  elevationInput,
  replayInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { changes, createRotatedSession, period, present, rotateOnce } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** Rotation after a step-up: the tokens that it replaced are refused without an alarm. */
export const registerStepUp = (suite: SessionSuite): void =>
  suite.group('session step-up', () => {
    suite.test('within the grace period the predecessor gets retry without a strike', async (t) => {
      const sessionId = await elevatedSession(t);
      const policy = { ...defaultPolicy, maxReplays: 1, maxUnconfirmedReplays: 1 };
      for (let i = 0; i < 3; i++) {
        await present(t, replayInput(sessionId, 1, { policy }), 'retry', changes.none);
      }
    });

    suite.test(
      'the predecessor gets retry until the last moment of the grace period',
      async (t) => {
        const sessionId = await elevatedSession(t);
        const gracePeriod = await period.notOver(t, 10_000);
        const policy = { ...strictPolicy, gracePeriod, maxReplays: 1 };
        await present(t, replayInput(sessionId, 1, { policy }), 'retry', changes.none);
      },
    );

    suite.test(
      'after the grace period the predecessor is refused and the session stays live',
      async (t) => {
        const sessionId = await elevatedSession(t);
        const gracePeriod = await period.over(t, 10_000, 'included');
        const policy = { ...defaultPolicy, gracePeriod };
        for (let i = 0; i < 3; i++) {
          await present(t, replayInput(sessionId, 1, { policy }), 'superseded', changes.none);
        }
        t.same((await readLive(t, sessionId)).revokedAt, null);
      },
    );

    suite.test(
      'with the strict policy the predecessor is refused at once and after any time',
      async (t) => {
        const sessionId = await elevatedSession(t);
        const policy = strictPolicy;
        await present(t, replayInput(sessionId, 1, { policy }), 'superseded', changes.none);
        await t.store.sessions.touch(sessionId, 2);
        await t.wait(t.clock ? 86_400_000 : 5);
        await present(t, replayInput(sessionId, 1, { policy }), 'superseded', changes.none);
      },
    );

    for (const later of [1, 3, 4, 6]) {
      suite.test(`the predecessor is refused ${later} rotations later`, async (t) => {
        const sessionId = await elevatedSession(t);
        for (let i = 0; i < later; i++) await rotateOnce(t, sessionId, 2 + i);
        const policy = strictPolicy;
        await present(t, replayInput(sessionId, 1, { policy }), 'superseded', changes.none);
        t.same((await readLive(t, sessionId)).floor, 2);
      });
    }

    suite.test('the predecessor is refused beyond the ring, whatever its hash', async (t) => {
      const sessionId = await elevatedSession(t);
      for (let i = 0; i < 4; i++) await rotateOnce(t, sessionId, 2 + i);
      const input = replayInput(sessionId, 1, {
        tokenHash: seededBytes('another', 32),
        policy: strictPolicy,
      });
      await present(t, input, 'superseded', changes.none);
    });

    suite.test('a predecessor of another history is a fork', async (t) => {
      const sessionId = await elevatedSession(t);
      await t.store.sessions.touch(sessionId, 2);
      const input = replayInput(sessionId, 1, {
        tokenHash: seededBytes('another', 32),
        policy: { ...defaultPolicy, regressionPeriod: 0 },
      });
      await present(t, input, 'fork', changes.forked);
    });

    suite.test(
      'every token from before the step-up is refused, in the ring and beyond',
      async (t) => {
        const sessionId = await createRotatedSession(t, 6);
        await t.store.sessions.elevate(elevationInput(sessionId, 6));
        for (const generation of [6, 5, 4, 3, 2, 1, 0]) {
          await present(t, replayInput(sessionId, generation), 'retry', changes.none);
          const strict = replayInput(sessionId, generation, { policy: strictPolicy });
          await present(t, strict, 'superseded', changes.none);
        }
      },
    );

    suite.test('a token from after the step-up is reuse two generations later', async (t) => {
      const sessionId = await elevatedSession(t);
      await rotateOnce(t, sessionId, 2);
      await rotateOnce(t, sessionId, 3);
      await present(t, replayInput(sessionId, 2), 'reuse_detected', changes.reused);
    });

    suite.test('the token of a step-up settles, rotates and is then replayed', async (t) => {
      const sessionId = await elevatedSession(t);
      await present(t, rotationInput(sessionId, 2), 'settled', changes.confirmed);
      const input = rotationInput(sessionId, 2, { policy: strictPolicy });
      const { record } = await present(t, input, 'rotated', changes.rotated);
      t.same([record.generation, record.floor], [3, 2]);
      await present(t, replayInput(sessionId, 2), 'replayed', changes.replayed);
    });

    suite.test('floor 0 means no step-up: a newer token is a regression', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      await present(t, replayInput(sessionId, 1), 'regression', changes.regressed);
    });
  });

/** Creates a session whose generation 2 was created by a step-up. */
const elevatedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await createRotatedSession(t, 1);
  const { kind } = await t.store.sessions.elevate(elevationInput(sessionId, 1));
  if (kind !== 'written') throw new Error(`"${kind}" instead of "written" while preparing`);
  return sessionId;
};
