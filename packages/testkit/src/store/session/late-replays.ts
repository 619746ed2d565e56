import type { RotationPolicy } from '@pawl/core';
import {
  elevationInput,
  replayInput,
  rotationInput,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { changes, createRotatedSession, present, rotateOnce } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** A policy without a grace period, so that every replay is late. */
const lateOnly = (maxLateRun: number): RotationPolicy => ({
  ...strictPolicy,
  maxUnconfirmedReplays: 20,
  maxLateRun,
});

/** Late replays in several generations in a row. */
export const registerLateReplays = (suite: SessionSuite): void =>
  suite.group('session late replays', () => {
    for (const maxLateRun of [1, 2, 3, 4, 7]) {
      suite.test(
        `late replays in ${maxLateRun} generations in a row end the session`,
        async (t) => {
          const policy = lateOnly(maxLateRun);
          const sessionId = await createRotatedSession(t, 1);
          for (let i = 0; i < maxLateRun - 1; i++) {
            await presentLate(t, sessionId, i, policy);
            await rotateOnce(t, sessionId, i + 1);
            t.same(await runOf(t, sessionId), [i + 1, null]);
          }
          const input = replayInput(sessionId, maxLateRun - 1, { policy });
          const { record } = await present(t, input, 'reuse_detected', changes.lateRun);
          t.same([record.lateRun, record.lateReplayAt], [maxLateRun, null], 'the evidence');
        },
      );
    }

    suite.test('a generation without a late replay ends the run', async (t) => {
      const policy = lateOnly(3);
      const sessionId = await createRotatedSession(t, 1);
      await presentLate(t, sessionId, 0, policy);
      await rotateOnce(t, sessionId, 1);
      await presentLate(t, sessionId, 1, policy);
      await rotateOnce(t, sessionId, 2);
      t.same(await runOf(t, sessionId), [2, null]);
      await rotateOnce(t, sessionId, 3);
      t.same(await runOf(t, sessionId), [0, null]);
      await presentLate(t, sessionId, 3, policy);
      t.same((await runOf(t, sessionId))[0], 1);
    });

    suite.test('a replay within the grace period is not late', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      await presentLate(t, sessionId, 0, lateOnly(3));
      await rotateOnce(t, sessionId, 1);
      await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
      await rotateOnce(t, sessionId, 2);
      t.same(await runOf(t, sessionId), [0, null]);
    });

    suite.test('several late replays in one generation count once', async (t) => {
      const policy = lateOnly(2);
      const sessionId = await createRotatedSession(t, 1);
      for (let i = 0; i < 4; i++) {
        await presentLate(t, sessionId, 0, policy);
        t.same((await runOf(t, sessionId))[0], 1);
      }
      await rotateOnce(t, sessionId, 1);
      const input = replayInput(sessionId, 1, { policy });
      await present(t, input, 'reuse_detected', changes.lateRun);
    });

    suite.test('a run that is already too long for the policy ends the session', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      for (let i = 0; i < 3; i++) {
        await presentLate(t, sessionId, i, lateOnly(9));
        await rotateOnce(t, sessionId, i + 1);
      }
      const input = replayInput(sessionId, 3, { policy: lateOnly(2) });
      const { record } = await present(t, input, 'reuse_detected', changes.lateRun);
      t.same(record.lateRun, 4);
    });

    suite.test('a step-up counts as a rotation', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      await presentLate(t, sessionId, 0, lateOnly(3));
      await t.store.sessions.elevate(elevationInput(sessionId, 1));
      t.same(await runOf(t, sessionId), [1, null]);
      await t.store.sessions.elevate(elevationInput(sessionId, 2));
      t.same(await runOf(t, sessionId), [0, null]);
    });

    suite.test(
      'a late replay changes neither `rotatedAt` nor the hashes of access tokens',
      async (t) => {
        const sessionId = await createRotatedSession(t, 2);
        const before = await readLive(t, sessionId);
        await t.wait(t.clock ? 86_400_000 : 5);
        await presentLate(t, sessionId, 1, lateOnly(3));
        const after = await readLive(t, sessionId);
        t.same(
          [after.rotatedAt, after.accessHash, after.previousAccessHash],
          [before.rotatedAt, before.accessHash, before.previousAccessHash],
        );
        t.same((after.lateReplayAt ?? 0) > after.rotatedAt, true);
      },
    );

    suite.test('the settle and the strike period start again with a late replay', async (t) => {
      const clock = t.requireClock();
      const sessionId = await createRotatedSession(t, 2);
      await clock.advance(86_400_000);
      await present(t, replayInput(sessionId, 1), 'replayed', changes.replayedLate);
      await clock.advance(59_999);
      await present(t, rotationInput(sessionId, 2), 'settled', changes.confirmed);
      await clock.advance(120_000 - 59_999);
      await present(t, replayInput(sessionId, 1), 'retry', changes.struck);
      await clock.advance(1);
      await present(t, replayInput(sessionId, 1), 'reuse_detected', changes.reused);
    });

    suite.test(
      'the current token rotates at the end of the settle period after a late replay',
      async (t) => {
        const clock = t.requireClock();
        const sessionId = await createRotatedSession(t, 2);
        await clock.advance(86_400_000);
        await present(t, replayInput(sessionId, 1), 'replayed', changes.replayedLate);
        await clock.advance(60_000);
        await present(t, rotationInput(sessionId, 2), 'rotated', changes.rotated);
      },
    );

    suite.test('the grace period after a late replay has the usual length', async (t) => {
      const clock = t.requireClock();
      const sessionId = await createRotatedSession(t, 2);
      await clock.advance(86_400_000);
      await present(t, replayInput(sessionId, 1), 'replayed', changes.replayedLate);
      await clock.advance(10_000);
      await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
      await clock.advance(1);
      await present(t, replayInput(sessionId, 1), 'replayed', changes.replayedLate);
      t.same((await runOf(t, sessionId))[0], 1, 'counted once for the generation');
    });

    suite.test(
      'after the clock steps back, a late replay before the rotation does not change the age',
      async (t) => {
        const clock = t.requireClock();
        const sessionId = await createRotatedSession(t, 2);
        await clock.advance(-86_400_000);
        const policy = lateOnly(3);
        // The late replay has an earlier time than the rotation, so the age counts from the rotation.
        await presentLate(t, sessionId, 1, policy);
        await clock.advance(86_400_000 + 9_000);
        await present(t, replayInput(sessionId, 1), 'replayed', changes.replayed);
      },
    );
  });

const presentLate = async (
  t: SessionTrial,
  sessionId: string,
  generation: number,
  policy: RotationPolicy,
): Promise<void> => {
  const input = replayInput(sessionId, generation, { policy });
  await present(t, input, 'replayed', changes.replayedLate);
};

const runOf = async (t: SessionTrial, sessionId: string): Promise<[number, number | null]> => {
  const { lateRun, lateReplayAt } = await readLive(t, sessionId);
  return [lateRun, lateReplayAt];
};
