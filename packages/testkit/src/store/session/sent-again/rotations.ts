import type { RotationPolicy } from '@pawl/core';
import {
  defaultPolicy,
  newCallId,
  replayInput,
  revokeInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../../fixtures/builders.ts';
import { changes, createRotatedSession, present, rotateOnce } from '../presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from '../trial.ts';

/** Rotations whose replies are lost: sent again, they return the same outcome, alarms included. */
export const registerRotationsSentAgain = (suite: SessionSuite): void =>
  suite.group('session rotations sent again', () => {
    suite.test(
      'a rotation that is sent again returns `rotated` after any time, and rotates once',
      async (t) => {
        const sessionId = await createRotatedSession(t, 3);
        const input = rotationInput(sessionId, 3, { policy: strictPolicy });
        const { record } = await present(t, input, 'rotated', changes.rotated);
        await presentAgain(t, input, 'rotated');
        await t.store.sessions.touch(sessionId, 4);
        await t.wait(t.clock ? 86_400_000 : 5);
        await presentAgain(t, input, 'rotated');
        await presentAgain(t, { ...input, policy: defaultPolicy }, 'rotated');
        t.same((await readLive(t, sessionId)).rotatedAt, record.rotatedAt);
      },
    );

    suite.test('the first rotation of a session can be sent again', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const input = rotationInput(sessionId, 0, { policy: strictPolicy });
      await present(t, input, 'rotated', changes.rotated);
      await presentAgain(t, input, 'rotated');
    });

    suite.test('another call with the same token is a replay', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      await present(t, rotationInput(sessionId, 0), 'rotated', changes.rotated);
      await present(t, replayInput(sessionId, 0), 'replayed', changes.replayed);
    });

    suite.test('a replay is counted once', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const policy = { ...strictPolicy, gracePeriod: 3_600_000, maxReplays: 1 };
      const input = replayInput(sessionId, 0, { policy });
      await present(t, input, 'replayed', changes.replayed);
      for (let i = 0; i < 3; i++) await presentAgain(t, input, 'replayed');
      await present(t, replayInput(sessionId, 0, { policy }), 'retry', changes.none);
      await presentAgain(t, input, 'replayed');
    });

    suite.test('a late replay is counted once, and starts one grace period', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const policy = { ...strictPolicy, maxUnconfirmedReplays: 1 };
      await t.wait(t.clock ? 86_400_000 : 5);
      const input = replayInput(sessionId, 0, { policy });
      await present(t, input, 'replayed', changes.replayedLate);
      await t.wait(5);
      for (let i = 0; i < 3; i++) await presentAgain(t, input, 'replayed');
      await present(t, replayInput(sessionId, 0, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test('a replay gets retry if the successor was confirmed meanwhile', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const policy = { ...strictPolicy, maxUnconfirmedReplays: 1 };
      const input = replayInput(sessionId, 0, { policy });
      await present(t, input, 'replayed', changes.replayedLate);
      await t.store.sessions.touch(sessionId, 1);
      await presentAgain(t, input, 'retry');
    });

    suite.test('a strike is counted once', async (t) => {
      const sessionId = await usedSession(t);
      const policy = { ...strictPolicy, strikePeriod: 3_600_000, maxReplays: 1 };
      const input = replayInput(sessionId, 1, { policy });
      await present(t, input, 'retry', changes.struck);
      for (let i = 0; i < 3; i++) await presentAgain(t, input, 'retry');
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test('only the last counted call is recognized', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const input = replayInput(sessionId, 0);
      await present(t, input, 'replayed', changes.replayed);
      await present(t, replayInput(sessionId, 0), 'replayed', changes.replayed);
      await present(t, input, 'replayed', changes.replayed);
    });

    suite.test('a call of the previous generation is not recognized', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const input = replayInput(sessionId, 0);
      await present(t, input, 'replayed', changes.replayed);
      await rotateOnce(t, sessionId, 1);
      t.same((await readLive(t, sessionId)).lastCallId, null);
      await present(t, { ...input, ...tokenOf(sessionId, 1) }, 'replayed', changes.replayed);
    });

    for (const [kind, end] of ends) {
      suite.test(`a call that ended the session with ${kind} gets it again`, async (t) => {
        const input = await end(t);
        const before = await readLive(t, input.sessionId);
        t.same(before.revokedBy, input.callId);
        await t.wait(5);
        for (const policy of [defaultPolicy, strictPolicy]) {
          await presentAgain(t, { ...input, policy }, before.revokedReason as 'fork');
        }
        const other = { ...input, callId: newCallId() };
        await present(t, other, 'revoked', changes.none);
      });
    }

    suite.test('a rotation with the callId of a logout gets `revoked`', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const input = rotationInput(sessionId, 1, { policy: strictPolicy });
      await present(t, input, 'rotated', changes.rotated);
      await t.store.sessions.revoke(revokeInput(sessionId));
      await presentAgain(t, input, 'revoked');
      const { callId } = input;
      const other = await createRotatedSession(t, 1);
      await t.store.sessions.revoke(revokeInput(other, 'logout', { callId }));
      await present(t, rotationInput(other, 1, { callId }), 'revoked', changes.none);
    });

    suite.test(
      'a call that is sent again after the session has expired gets `expired`',
      async (t) => {
        const sessionId = await createRotatedSession(t, 0, { idleTimeout: t.shortLifetime });
        const input = rotationInput(sessionId, 0, { policy: strictPolicy });
        const { record } = await present(t, input, 'rotated', changes.rotated);
        await t.waitUntil(record.lastActiveAt + t.shortLifetime);
        if (suite.options.forgetsExpired && !(await t.store.sessions.find(sessionId))) return;
        await presentAgain(t, input, 'expired');
      },
    );
  });

/** Sends a call again, and checks that it gets `kind` and writes nothing. */
const presentAgain = async (
  t: SessionTrial,
  input: Parameters<typeof present>[1],
  kind: Parameters<typeof present>[2],
): Promise<void> => {
  await present(t, input, kind, changes.none);
};

/** Returns the input of a call with the token of another generation. */
const tokenOf = (
  sessionId: string,
  generation: number,
): Pick<ReturnType<typeof rotationInput>, 'generation' | 'tokenHash'> => {
  const { tokenHash } = rotationInput(sessionId, generation);
  return { generation, tokenHash };
};

/** Creates a session in generation 2 whose access token has been used. */
const usedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await createRotatedSession(t, 2);
  await t.store.sessions.touch(sessionId, 2);
  return sessionId;
};

const lateOnly: RotationPolicy = { ...strictPolicy, maxUnconfirmedReplays: 20, maxLateRun: 1 };
const certain: RotationPolicy = { ...defaultPolicy, regressionPeriod: 0 };

/** The ways in which a rotation ends a session. Each returns the input of the call that did. */
const ends: [string, (t: SessionTrial) => Promise<Parameters<typeof present>[1]>][] = [
  [
    'reuse',
    async (t) => {
      const input = replayInput(await createRotatedSession(t, 2), 0);
      await present(t, input, 'reuse_detected', changes.reused);
      return input;
    },
  ],
  [
    'a late run',
    async (t) => {
      const input = replayInput(await createRotatedSession(t, 2), 1, { policy: lateOnly });
      await present(t, input, 'reuse_detected', changes.lateRun);
      return input;
    },
  ],
  [
    'fork',
    async (t) => {
      const sessionId = await usedSession(t);
      const input = rotationInput(sessionId, 2, {
        tokenHash: seededBytes('another', 32),
        policy: certain,
      });
      await present(t, input, 'fork', changes.forked);
      return input;
    },
  ],
  [
    'lost',
    async (t) => {
      const input = rotationInput(await createRotatedSession(t, 2), 3, { policy: certain });
      await present(t, input, 'lost', changes.lost);
      return input;
    },
  ],
];
