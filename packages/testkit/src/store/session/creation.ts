import { isBytes } from '@pawl/core/internal';
import {
  dataWriteInput,
  generationRecord,
  newCallId,
  newId,
  newSession,
  newUserId,
  revokeAllInput,
  revokeInput,
} from '../../fixtures/builders.ts';
import { byText } from '../../harness/compare.ts';
import { createInOneMillisecond, createInTurn } from './many-sessions.ts';
import { olderFirst, recordOf } from './model.ts';
import { read, readLive, type SessionSuite } from './trial.ts';

/** Creating and finding sessions. */
export const registerCreation = (suite: SessionSuite): void =>
  suite.group('session creation', () => {
    suite.test('a new session is stored with the store’s time and zero counters', async (t) => {
      const session = newSession({ deviceId: 'device 1' });
      const outcome = await t.store.sessions.create(session);
      if (outcome.kind !== 'created') throw new Error(outcome.kind);
      const now = t.clock?.now() ?? outcome.record.createdAt;
      t.same(outcome, { kind: 'created', record: recordOf(session, now), evicted: [] });
      const found = await t.store.sessions.find(session.sessionId);
      t.same(found?.record, recordOf(session, now));
      t.same(found?.touchDue, false, 'no touch is due without an activity');
      if (t.clock) t.same(found?.now, t.clock.now());
    });

    suite.test('the store’s times are whole milliseconds', async (t) => {
      const { sessionId, userId } = newSession();
      await t.store.sessions.create(newSession({ sessionId, userId }));
      const found = await t.store.sessions.find(sessionId);
      const record = await readLive(t, sessionId);
      const times = [found?.now, record.createdAt, record.rotatedAt, record.lastActiveAt];
      t.same(times.every(Number.isInteger), true);
      const real = Math.abs(record.createdAt - t.now());
      t.same(real < 5_000, true, 'the clocks of the store and this machine agree');
    });

    suite.test('a session may have no opaque access token and no device', async (t) => {
      const sessionId = newId('somebody');
      const first = generationRecord(0, sessionId, { accessHash: null });
      const session = newSession({ userId: 'somebody', sessionId, first });
      await t.store.sessions.create(session);
      const record = await readLive(t, sessionId);
      t.same([record.accessHash, record.previousAccessHash, record.deviceId], [null, null, null]);
    });

    suite.test('bytes of any value are stored unchanged', async (t) => {
      const sessionId = newId('bytes');
      const all = Uint8Array.from({ length: 32 }, (_, i) => [0, 255, 128, 10, 39, 92][i % 6] ?? 0);
      const first = { ...generationRecord(0), tokenHash: all, salt: all.toReversed(), kid: 255 };
      await t.store.sessions.create(newSession({ userId: 'bytes', sessionId, first }));
      const record = await readLive(t, sessionId);
      t.same([record.tokenHash, record.salt, record.kid], [all, all.toReversed(), 255]);
      t.same(isBytes(record.tokenHash), true);
    });

    suite.test('creating an existing id throws and overwrites nothing', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      const before = await readLive(t, session.sessionId);
      const limit = { max: 1, policy: 'evict_oldest' } as const;
      const first = generationRecord(0, 'another');
      const again = newSession({ ...session, first, callId: newCallId() });
      await t.throws(() => t.store.sessions.create(again), 'ERR_INPUT_INVALID', 'the same user');
      await t.throws(
        () => t.store.sessions.create(again, limit),
        'ERR_INPUT_INVALID',
        'with a limit',
      );
      const other = { ...again, userId: newUserId() };
      await t.throws(() => t.store.sessions.create(other), 'ERR_INPUT_INVALID', 'another user');
      t.same(await readLive(t, session.sessionId), before);
      t.same((await t.store.sessions.list(other.userId)).records, []);
    });

    suite.test('creating the id of a revoked session throws, too', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      await t.store.sessions.revoke(revokeInput(session.sessionId, 'logout'));
      const again = newSession({ ...session, first: generationRecord(0, 'another') });
      await t.throws(() => t.store.sessions.create(again), 'ERR_INPUT_INVALID', 'the same id');
      t.same((await readLive(t, session.sessionId)).revokedReason, 'logout');
    });

    suite.test('another node finds a new session at once', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      const found = await t.second.sessions.find(session.sessionId);
      t.same(found?.record, await read(t, session.sessionId));
    });

    suite.test('list returns a user’s live sessions, newest first', async (t) => {
      const userId = newUserId();
      const ids = await createInTurn(t, userId, 5);
      await t.store.sessions.create(newSession());
      await t.store.sessions.revoke(revokeInput(ids[1] as string, 'logout'));
      const { records, now } = await t.store.sessions.list(userId);
      const expected = [ids[4], ids[3], ids[2], ids[0]];
      t.same(
        records.map(({ sessionId }) => sessionId),
        expected,
      );
      t.same(records[3], await read(t, ids[0] as string), 'the records are complete');
      if (t.clock) t.same(now, t.clock.now());
    });

    suite.test('sessions created in one millisecond are listed by id in byte order', async (t) => {
      const userId = newUserId();
      const ids = await createInOneMillisecond(t, userId);
      const { records } = await t.store.sessions.list(userId);
      t.same(records.map(({ sessionId }) => sessionId).toSorted(byText), ids.toSorted(byText));
      t.same(records, records.toSorted(olderFirst).toReversed());
    });

    suite.test('the list of a user without sessions is empty', async (t) => {
      t.same((await t.store.sessions.list(newUserId())).records, []);
    });

    suite.test(
      'a thousand sessions of one user can be listed, and revoked in one call',
      async (t) => {
        const userId = newUserId();
        const sessions = Array.from({ length: 1_000 }, () => newSession({ userId }));
        for (let i = 0; i < sessions.length; i += 50) {
          const batch = sessions.slice(i, i + 50);
          await Promise.all(batch.map((session) => t.store.sessions.create(session)));
        }
        const { records } = await t.store.sessions.list(userId);
        const ids = sessions.map(({ sessionId }) => sessionId).toSorted(byText);
        t.same(records.map(({ sessionId }) => sessionId).toSorted(byText), ids);
        t.same(records, records.toSorted(olderFirst).toReversed());
        const { revoked } = await t.store.sessions.revokeAll(revokeAllInput(userId, 'logout'));
        t.same(revoked.toSorted(byText), ids);
        t.same((await t.store.sessions.list(userId)).records, []);
      },
    );

    suite.test('writeData writes claims, data and the version, and nothing else', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      const before = await readLive(t, session.sessionId);
      await t.wait(1);
      const write = dataWriteInput(session.sessionId, 0);
      const { claims, data, callId } = write;
      const outcome = await t.store.sessions.writeData(write);
      const after = { ...before, claims, data, dataVersion: 1, dataCallIds: callId };
      const now = outcome.kind === 'missing' ? 0 : outcome.now;
      t.same(outcome, { kind: 'written', record: after, now });
      if (t.clock) t.same(now, t.clock.now());
      t.same(await readLive(t, session.sessionId), after);
    });

    suite.test('writeData of another version is a conflict and writes nothing', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      await t.store.sessions.writeData(dataWriteInput(session.sessionId, 0));
      const before = await readLive(t, session.sessionId);
      for (const version of [0, 2]) {
        const outcome = await t.store.sessions.writeData(
          dataWriteInput(session.sessionId, version),
        );
        t.same([outcome.kind, 'record' in outcome && outcome.record], ['conflict', before]);
      }
      t.same(await readLive(t, session.sessionId), before);
      const missing = await t.store.sessions.writeData(dataWriteInput(newId('nobody'), 0));
      t.same(missing, { kind: 'missing' });
    });
  });
