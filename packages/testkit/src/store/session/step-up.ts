import {
  defaultPolicy,
  elevationInput,
  replayInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { changes, periodEnding, present, rotateOnce, sessionOf } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** Rotation after a step-up: its predecessor gives nothing, so it proves nothing. */
export const testStepUp = (suite: SessionSuite): void =>
  suite.group('session step-up', () => {
    suite.test('in the grace period the predecessor is told to retry, uncounted', async (t) => {
      const sessionId = await elevatedSession(t);
      const policy = { ...defaultPolicy, maxReplays: 1, maxUnconfirmedReplays: 1 };
      for (let i = 0; i < 3; i++) {
        await present(t, replayInput(sessionId, 1, { policy }), 'retry', changes.none);
      }
    });

    suite.test('so it is at the last moment of the grace period', async (t) => {
      const sessionId = await elevatedSession(t);
      const gracePeriod = await periodEnding.later(t, 10_000);
      const policy = { ...strictPolicy, gracePeriod, maxReplays: 1 };
      await present(t, replayInput(sessionId, 1, { policy }), 'retry', changes.none);
    });

    suite.test('after the grace period it is refused, and ends nothing', async (t) => {
      const sessionId = await elevatedSession(t);
      const gracePeriod = await periodEnding.before(t, 10_000, 'included');
      const policy = { ...defaultPolicy, gracePeriod };
      for (let i = 0; i < 3; i++) {
        await present(t, replayInput(sessionId, 1, { policy }), 'superseded', changes.none);
      }
      t.same((await readLive(t, sessionId)).revokedAt, null);
    });

    suite.test('so it is in strict, at once, and however late', async (t) => {
      const sessionId = await elevatedSession(t);
      const policy = strictPolicy;
      await present(t, replayInput(sessionId, 1, { policy }), 'superseded', changes.none);
      await t.store.sessions.touch(sessionId, 2);
      await t.wait(t.clock ? 86_400_000 : 5);
      await present(t, replayInput(sessionId, 1, { policy }), 'superseded', changes.none);
    });

    for (const later of [1, 3, 4, 6]) {
      suite.test(`so it is ${later} rotations later`, async (t) => {
        const sessionId = await elevatedSession(t);
        for (let i = 0; i < later; i++) await rotateOnce(t, sessionId, 2 + i);
        const policy = strictPolicy;
        await present(t, replayInput(sessionId, 1, { policy }), 'superseded', changes.none);
        t.same((await readLive(t, sessionId)).floor, 2);
      });
    }

    suite.test('beyond the ring its hash is not known, and not asked for', async (t) => {
      const sessionId = await elevatedSession(t);
      for (let i = 0; i < 4; i++) await rotateOnce(t, sessionId, 2 + i);
      const request = replayInput(sessionId, 1, {
        tokenHash: seededBytes('another', 32),
        policy: strictPolicy,
      });
      await present(t, request, 'superseded', changes.none);
    });

    suite.test('of another history it is a fork', async (t) => {
      const sessionId = await elevatedSession(t);
      await t.store.sessions.touch(sessionId, 2);
      const request = replayInput(sessionId, 1, {
        tokenHash: seededBytes('another', 32),
        policy: { ...defaultPolicy, regressionPeriod: 0 },
      });
      await present(t, request, 'fork', changes.forked);
    });

    suite.test('so is every token from before it, in the ring and beyond', async (t) => {
      const sessionId = await sessionOf(t, 6);
      await t.store.sessions.elevate(elevationInput(sessionId, 6));
      for (const generation of [6, 5, 4, 3, 2, 1, 0]) {
        await present(t, replayInput(sessionId, generation), 'retry', changes.none);
        const strict = replayInput(sessionId, generation, { policy: strictPolicy });
        await present(t, strict, 'superseded', changes.none);
      }
    });

    suite.test('a token from after it is reuse, once it is two behind', async (t) => {
      const sessionId = await elevatedSession(t);
      await rotateOnce(t, sessionId, 2);
      await rotateOnce(t, sessionId, 3);
      await present(t, replayInput(sessionId, 2), 'reuse_detected', changes.reused);
    });

    suite.test('its own token settles, rotates, and is replayed after that', async (t) => {
      const sessionId = await elevatedSession(t);
      await present(t, rotationInput(sessionId, 2), 'settled', changes.confirmed);
      const request = rotationInput(sessionId, 2, { policy: strictPolicy });
      const { record } = await present(t, request, 'rotated', changes.rotated);
      t.same([record.generation, record.floor], [3, 2]);
      await present(t, replayInput(sessionId, 2), 'replayed', changes.replayed);
    });

    suite.test('a session of generation 0 has no step-up before it', async (t) => {
      const sessionId = await sessionOf(t, 0);
      await present(t, replayInput(sessionId, 1), 'regression', changes.regressed);
    });
  });

/** A session whose generation 2 was made by a step-up. */
const elevatedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await sessionOf(t, 1);
  const { kind } = await t.store.sessions.elevate(elevationInput(sessionId, 1));
  if (kind !== 'written') throw new Error(`"${kind}" instead of "written" while preparing`);
  return sessionId;
};
