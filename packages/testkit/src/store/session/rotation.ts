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
import { changes, periodEnding, present, sessionOf } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** Rotation: the rows about the current token, and those about no live session. */
export const testRotation = (suite: SessionSuite): void =>
  suite.group('session rotation', () => {
    suite.test('a session that does not exist is missing', async (t) => {
      const outcome = await t.store.sessions.rotate(rotationInput(newId(newUserId()), 0));
      t.same(outcome, { kind: 'missing' });
    });

    suite.test('the first token rotates at once: nothing has to settle', async (t) => {
      const sessionId = await sessionOf(t, 0);
      const request = rotationInput(sessionId, 0);
      const { record } = await present(t, request, 'rotated', changes.rotated);
      t.same([record.generation, record.floor, record.ring.length], [1, 0, 8]);
    });

    suite.test('a rotation without opaque access tokens stores none', async (t) => {
      const sessionId = await sessionOf(t, 0);
      const accessHash = null;
      const next = generationRecord(1, sessionId, { accessHash });
      const request = rotationInput(sessionId, 0, { next });
      await present(t, request, 'rotated', changes.rotated);
      const again = rotationInput(sessionId, 1, { policy: strictPolicy });
      const { record } = await present(t, again, 'rotated', changes.rotated);
      t.same(record.previousAccessHash, null);
    });

    suite.test('a rotation takes over another key generation', async (t) => {
      const sessionId = await sessionOf(t, 0);
      const next = generationRecord(1, sessionId, { kid: 255, issuedAt: 4_294_967_295 });
      const request = rotationInput(sessionId, 0, { next });
      await present(t, request, 'rotated', changes.rotated);
    });

    suite.test('the ring holds the last four consumed tokens, newest first', async (t) => {
      const sessionId = await sessionOf(t, 0);
      for (let i = 0; i < 6; i++) {
        await t.wait(1);
        const request = rotationInput(sessionId, i, { policy: strictPolicy });
        await present(t, request, 'rotated', changes.rotated);
      }
      const consumed = [5, 4, 3, 2].map((i) =>
        generationRecord(i, sessionId).tokenHash.subarray(0, 8),
      );
      const { ring } = await readLive(t, sessionId);
      t.same(ring, Uint8Array.from(consumed.flatMap((hash) => [...hash])));
    });

    suite.test('a rotation starts the counters anew', async (t) => {
      const sessionId = await sessionOf(t, 1);
      await present(t, replayInput(sessionId, 0), 'replayed', changes.replayed);
      await t.store.sessions.touch(sessionId, 1);
      await t.wait(1);
      const late = { ...strictPolicy, strikePeriod: 60_000, maxReplays: 1 };
      await present(t, replayInput(sessionId, 0, { policy: late }), 'retry', changes.struck);
      const request = rotationInput(sessionId, 1, { policy: strictPolicy });
      const { record } = await present(t, request, 'rotated', changes.rotated);
      t.same([record.confirmed, record.replays, record.strikes], [false, 0, 0]);
    });

    suite.test('a young token settles: it is confirmed, and nothing else happens', async (t) => {
      const sessionId = await sessionOf(t, 1);
      await present(t, rotationInput(sessionId, 1), 'settled', changes.confirmed);
      await present(t, rotationInput(sessionId, 1), 'settled', changes.none);
    });

    suite.test('it settles until the settle period is over', async (t) => {
      const sessionId = await sessionOf(t, 1);
      await periodEnding.later(t, 59_999);
      await present(t, rotationInput(sessionId, 1), 'settled', changes.confirmed);
    });

    suite.test('it rotates at the moment the settle period is over', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const settlePeriod = await periodEnding.before(t, 60_000, 'excluded');
      const policy = { ...strictPolicy, settlePeriod };
      const request = rotationInput(sessionId, 1, { policy });
      await present(t, request, 'rotated', changes.rotated);
    });

    suite.test('without a settle period it rotates at once', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const request = rotationInput(sessionId, 1, { policy: strictPolicy });
      await present(t, request, 'rotated', changes.rotated);
    });

    for (const generation of [0, 1, 5]) {
      suite.test(`a token of generation ${generation} with another hash is a fork`, async (t) => {
        const sessionId = await sessionOf(t, generation);
        const tokenHash = seededBytes('another', 32);
        // Unused, or a moment after a rotation, it would be a lost write: "session regression".
        await t.store.sessions.touch(sessionId, generation);
        const policy = { ...defaultPolicy, regressionPeriod: 0 };
        const request = rotationInput(sessionId, generation, { tokenHash, policy });
        await present(t, request, 'fork', changes.forked);
      });
    }

    suite.test('a hash that differs in its last bit only is a fork', async (t) => {
      const sessionId = await sessionOf(t, 1);
      await t.store.sessions.touch(sessionId, 1);
      const tokenHash = generationRecord(1, sessionId).tokenHash.map((b, i) =>
        i === 31 ? b ^ 1 : b,
      );
      const policy = { ...defaultPolicy, regressionPeriod: 0 };
      const request = rotationInput(sessionId, 1, { tokenHash, policy });
      await present(t, request, 'fork', changes.forked);
    });

    suite.test('of a revoked session every token is refused, and nothing changes', async (t) => {
      const sessionId = await sessionOf(t, 3);
      await t.store.sessions.revoke(revokeInput(sessionId, 'logout'));
      await refuseAll(t, sessionId, 'revoked');
    });

    suite.test('of an expired session every token is refused, and nothing changes', async (t) => {
      const sessionId = await sessionOf(t, 3, { idleTimeout: t.shortLifetime });
      await t.waitUntil((await readLive(t, sessionId)).lastActiveAt + t.shortLifetime);
      if (suite.options.forgetsExpired && !(await t.store.sessions.find(sessionId))) return;
      await refuseAll(t, sessionId, 'expired');
    });
  });

const refuseAll = async (
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
