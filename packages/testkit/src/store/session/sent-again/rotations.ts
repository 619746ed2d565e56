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
import { changes, present, rotateOnce, sessionOf } from '../presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from '../trial.ts';

/** Presenting a refresh token: what the lost reply told is told again, alarms above all. */
export const testRotationsSentAgain = (suite: SessionSuite): void =>
  suite.group('session rotations sent again', () => {
    suite.test('the rotation is told again, however late, and done once', async (t) => {
      const sessionId = await sessionOf(t, 3);
      const request = rotationInput(sessionId, 3, { policy: strictPolicy });
      const { record } = await present(t, request, 'rotated', changes.rotated);
      await presentAgain(t, request, 'rotated');
      await t.store.sessions.touch(sessionId, 4);
      await t.wait(t.clock ? 86_400_000 : 5);
      await presentAgain(t, request, 'rotated');
      await presentAgain(t, { ...request, policy: defaultPolicy }, 'rotated');
      t.same((await readLive(t, sessionId)).rotatedAt, record.rotatedAt);
    });

    suite.test('so it is for the first rotation of all', async (t) => {
      const sessionId = await sessionOf(t, 0);
      const request = rotationInput(sessionId, 0, { policy: strictPolicy });
      await present(t, request, 'rotated', changes.rotated);
      await presentAgain(t, request, 'rotated');
    });

    suite.test('another call with the same token is a replay', async (t) => {
      const sessionId = await sessionOf(t, 0);
      await present(t, rotationInput(sessionId, 0), 'rotated', changes.rotated);
      await present(t, replayInput(sessionId, 0), 'replayed', changes.replayed);
    });

    suite.test('a replay is counted once', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const policy = { ...strictPolicy, gracePeriod: 3_600_000, maxReplays: 1 };
      const request = replayInput(sessionId, 0, { policy });
      await present(t, request, 'replayed', changes.replayed);
      for (let i = 0; i < 3; i++) await presentAgain(t, request, 'replayed');
      await present(t, replayInput(sessionId, 0, { policy }), 'retry', changes.none);
      await presentAgain(t, request, 'replayed');
    });

    suite.test('a late replay is counted once, and begins no other grace period', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const policy = { ...strictPolicy, maxUnconfirmedReplays: 1 };
      await t.wait(t.clock ? 86_400_000 : 5);
      const request = replayInput(sessionId, 0, { policy });
      await present(t, request, 'replayed', changes.replayedLate);
      await t.wait(5);
      for (let i = 0; i < 3; i++) await presentAgain(t, request, 'replayed');
      await present(t, replayInput(sessionId, 0, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test('a replay of a token that is confirmed meanwhile is told to retry', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const policy = { ...strictPolicy, maxUnconfirmedReplays: 1 };
      const request = replayInput(sessionId, 0, { policy });
      await present(t, request, 'replayed', changes.replayedLate);
      await t.store.sessions.touch(sessionId, 1);
      await presentAgain(t, request, 'retry');
    });

    suite.test('a strike is counted once', async (t) => {
      const sessionId = await usedSession(t);
      const policy = { ...strictPolicy, strikePeriod: 3_600_000, maxReplays: 1 };
      const request = replayInput(sessionId, 1, { policy });
      await present(t, request, 'retry', changes.struck);
      for (let i = 0; i < 3; i++) await presentAgain(t, request, 'retry');
      await present(t, replayInput(sessionId, 1, { policy }), 'reuse_detected', changes.reused);
    });

    suite.test('what the last call but one was is forgotten', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const request = replayInput(sessionId, 0);
      await present(t, request, 'replayed', changes.replayed);
      await present(t, replayInput(sessionId, 0), 'replayed', changes.replayed);
      await present(t, request, 'replayed', changes.replayed);
    });

    suite.test('a rotation forgets the calls of the generation before', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const request = replayInput(sessionId, 0);
      await present(t, request, 'replayed', changes.replayed);
      await rotateOnce(t, sessionId, 1);
      t.same((await readLive(t, sessionId)).lastCallId, null);
      await present(t, { ...request, ...tokenOf(sessionId, 1) }, 'replayed', changes.replayed);
    });

    for (const [kind, end] of ends) {
      suite.test(`the end by ${kind} is told again to the call that brought it`, async (t) => {
        const request = await end(t);
        const before = await readLive(t, request.sessionId);
        t.same(before.revokedBy, request.callId);
        await t.wait(5);
        for (const policy of [defaultPolicy, strictPolicy]) {
          await presentAgain(t, { ...request, policy }, before.revokedReason as 'fork');
        }
        const other = { ...request, callId: newCallId() };
        await present(t, other, 'revoked', changes.none);
      });
    }

    suite.test('the end by a logout is told to no rotation', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const request = rotationInput(sessionId, 1, { policy: strictPolicy });
      await present(t, request, 'rotated', changes.rotated);
      await t.store.sessions.revoke(revokeInput(sessionId));
      await presentAgain(t, request, 'revoked');
      const { callId } = request;
      const other = await sessionOf(t, 1);
      await t.store.sessions.revoke(revokeInput(other, 'logout', { callId }));
      await present(t, rotationInput(other, 1, { callId }), 'revoked', changes.none);
    });

    suite.test('a session that has expired meanwhile says so', async (t) => {
      const sessionId = await sessionOf(t, 0, { idleTimeout: t.shortLifetime });
      const request = rotationInput(sessionId, 0, { policy: strictPolicy });
      const { record } = await present(t, request, 'rotated', changes.rotated);
      await t.waitUntil(record.lastActiveAt + t.shortLifetime);
      if (suite.options.forgetsExpired && !(await t.store.sessions.find(sessionId))) return;
      await presentAgain(t, request, 'expired');
    });
  });

/** The call is sent again: it gets `kind`, and nothing is written. */
const presentAgain = async (
  t: SessionTrial,
  request: Parameters<typeof present>[1],
  kind: Parameters<typeof present>[2],
): Promise<void> => {
  await present(t, request, kind, changes.none);
};

/** The token of another generation, for a request that has been made already. */
const tokenOf = (
  sessionId: string,
  generation: number,
): Pick<ReturnType<typeof rotationInput>, 'generation' | 'tokenHash'> => {
  const { tokenHash } = rotationInput(sessionId, generation);
  return { generation, tokenHash };
};

/** A session in generation 2 whose token has been used. */
const usedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await sessionOf(t, 2);
  await t.store.sessions.touch(sessionId, 2);
  return sessionId;
};

const lateOnly: RotationPolicy = { ...strictPolicy, maxUnconfirmedReplays: 20, maxLateRun: 1 };
const certain: RotationPolicy = { ...defaultPolicy, regressionPeriod: 0 };

/** Every way for a rotation to end a session. Returns the request that did. */
const ends: [string, (t: SessionTrial) => Promise<Parameters<typeof present>[1]>][] = [
  [
    'reuse',
    async (t) => {
      const request = replayInput(await sessionOf(t, 2), 0);
      await present(t, request, 'reuse_detected', changes.reused);
      return request;
    },
  ],
  [
    'a late run',
    async (t) => {
      const request = replayInput(await sessionOf(t, 2), 1, { policy: lateOnly });
      await present(t, request, 'reuse_detected', changes.lateRun);
      return request;
    },
  ],
  [
    'fork',
    async (t) => {
      const sessionId = await usedSession(t);
      const request = rotationInput(sessionId, 2, {
        tokenHash: seededBytes('another', 32),
        policy: certain,
      });
      await present(t, request, 'fork', changes.forked);
      return request;
    },
  ],
  [
    'lost',
    async (t) => {
      const request = rotationInput(await sessionOf(t, 2), 3, { policy: certain });
      await present(t, request, 'lost', changes.lost);
      return request;
    },
  ],
];
