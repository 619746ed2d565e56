import {
  defaultPolicy,
  generationRecord,
  newId,
  newUserId,
  replayInput,
  revokeInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { changes, createRotatedSession, period, present } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** Rotation of the current token, and of sessions that have ended (rows of the decision table). */
export const registerRotation = (suite: SessionSuite): void =>
  suite.group('session rotation', () => {
    suite.test('a session that does not exist is missing', async (t) => {
      const outcome = await t.store.sessions.rotate(rotationInput(newId(newUserId()), 0));
      t.same(outcome, { kind: 'missing' });
    });

    suite.test('the first token rotates at once, without a settle period', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const input = rotationInput(sessionId, 0);
      const { record } = await present(t, input, 'rotated', changes.rotated);
      t.same([record.generation, record.floor, record.ring.length], [1, 0, 8]);
    });

    suite.test('a rotation without an opaque access token stores no hash of one', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const accessHash = null;
      const next = generationRecord(1, sessionId, { accessHash });
      const input = rotationInput(sessionId, 0, { next });
      await present(t, input, 'rotated', changes.rotated);
      const again = rotationInput(sessionId, 1, { policy: strictPolicy });
      const { record } = await present(t, again, 'rotated', changes.rotated);
      t.same(record.previousAccessHash, null);
    });

    suite.test('a rotation stores the key id of the new token', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const next = generationRecord(1, sessionId, { kid: 255, issuedAt: 4_294_967_295 });
      const input = rotationInput(sessionId, 0, { next });
      await present(t, input, 'rotated', changes.rotated);
    });

    suite.test('the ring holds the last four consumed tokens, newest first', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      for (let i = 0; i < 6; i++) {
        await t.wait(1);
        const input = rotationInput(sessionId, i, { policy: strictPolicy });
        await present(t, input, 'rotated', changes.rotated);
      }
      const consumed = [5, 4, 3, 2].map((i) =>
        generationRecord(i, sessionId).tokenHash.subarray(0, 8),
      );
      const { ring } = await readLive(t, sessionId);
      t.same(ring, Uint8Array.from(consumed.flatMap((hash) => [...hash])));
    });

    suite.test('a rotation resets the counters', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      await present(t, replayInput(sessionId, 0), 'replayed', changes.replayed);
      await t.store.sessions.touch(sessionId, 1);
      await t.wait(1);
      const late = { ...strictPolicy, strikePeriod: 60_000, maxReplays: 1 };
      await present(t, replayInput(sessionId, 0, { policy: late }), 'retry', changes.struck);
      const input = rotationInput(sessionId, 1, { policy: strictPolicy });
      const { record } = await present(t, input, 'rotated', changes.rotated);
      t.same([record.confirmed, record.replays, record.strikes], [false, 0, 0]);
    });

    suite.test('a token within the settle period is confirmed and not rotated', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      await present(t, rotationInput(sessionId, 1), 'settled', changes.confirmed);
      await present(t, rotationInput(sessionId, 1), 'settled', changes.none);
    });

    suite.test('a token settles until the settle period is over', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      await period.notOver(t, 59_999);
      await present(t, rotationInput(sessionId, 1), 'settled', changes.confirmed);
    });

    suite.test('a token rotates as soon as the settle period is over', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const settlePeriod = await period.over(t, 60_000, 'excluded');
      const policy = { ...strictPolicy, settlePeriod };
      const input = rotationInput(sessionId, 1, { policy });
      await present(t, input, 'rotated', changes.rotated);
    });

    suite.test('without a settle period a token rotates at once', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const input = rotationInput(sessionId, 1, { policy: strictPolicy });
      await present(t, input, 'rotated', changes.rotated);
    });

    for (const generation of [0, 1, 5]) {
      suite.test(`a token of generation ${generation} with another hash is a fork`, async (t) => {
        const sessionId = await createRotatedSession(t, generation);
        const tokenHash = seededBytes('another', 32);
        // If the token is unused, or soon after a rotation, this is a regression.
        await t.store.sessions.touch(sessionId, generation);
        const policy = { ...defaultPolicy, regressionPeriod: 0 };
        const input = rotationInput(sessionId, generation, { tokenHash, policy });
        await present(t, input, 'fork', changes.forked);
      });
    }

    suite.test('a hash that differs only in its last bit is a fork', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      await t.store.sessions.touch(sessionId, 1);
      const tokenHash = generationRecord(1, sessionId).tokenHash.map((b, i) =>
        i === 31 ? b ^ 1 : b,
      );
      const policy = { ...defaultPolicy, regressionPeriod: 0 };
      const input = rotationInput(sessionId, 1, { tokenHash, policy });
      await present(t, input, 'fork', changes.forked);
    });

    suite.test('every token of a revoked session is refused and changes nothing', async (t) => {
      const sessionId = await createRotatedSession(t, 3);
      await t.store.sessions.revoke(revokeInput(sessionId, 'logout'));
      await expectAllRefused(t, sessionId, 'revoked');
    });

    suite.test('every token of an expired session is refused and changes nothing', async (t) => {
      const sessionId = await createRotatedSession(t, 3, { idleTimeout: t.shortLifetime });
      await t.waitUntil((await readLive(t, sessionId)).lastActiveAt + t.shortLifetime);
      if (suite.options.forgetsExpired && !(await t.store.sessions.find(sessionId))) return;
      await expectAllRefused(t, sessionId, 'expired');
    });
  });

const expectAllRefused = async (
  t: SessionTrial,
  sessionId: string,
  kind: 'revoked' | 'expired',
): Promise<void> => {
  for (const generation of [0, 1, 2, 3, 4]) {
    await present(t, rotationInput(sessionId, generation), kind, changes.none);
    const tokenHash = seededBytes('another', 32);
    await present(t, rotationInput(sessionId, generation, { tokenHash }), kind, changes.none);
  }
};
