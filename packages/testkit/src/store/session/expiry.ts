import type { NewSession, SessionRecord } from '@pawl/core/store';
import {
  dataWriteInput,
  elevationInput,
  newSession,
  newUserId,
  revokeAllInput,
  revokeInput,
  rotationInput,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { read, readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** Idle timeout, absolute timeout and `deleteExpired`. */
export const registerExpiry = (suite: SessionSuite): void =>
  suite.group('session expiry', () => {
    for (const [name, lifetime] of lifetimes) {
      suite.test(
        `${name}: a session is live until its last millisecond and then expired`,
        async (t) => {
          const session = newSession(lifetime(t));
          await t.store.sessions.create(session);
          const expiry = expiryOfNew(await readLive(t, session.sessionId));
          await t.waitUntilJustBefore(expiry);
          t.same((await t.store.sessions.list(session.userId)).records.length, 1);
          const write = await t.store.sessions.writeData(dataWriteInput(session.sessionId, 0));
          t.same(write.kind, 'written');
          await t.waitUntil(expiry);
          t.same((await t.store.sessions.list(session.userId)).records, []);
          await expectExpired(t, session.sessionId);
        },
      );

      suite.test(
        `${name}: deleteExpired deletes a session one millisecond after its expiry`,
        async (t) => {
          const session = newSession(lifetime(t));
          const other = newSession({ userId: session.userId });
          await t.store.sessions.create(session);
          await t.store.sessions.create(other);
          const expiry = expiryOfNew(await readLive(t, session.sessionId));
          await t.waitUntilJustBefore(expiry);
          await t.store.sessions.deleteExpired();
          await readLive(t, session.sessionId);
          if (t.clock) {
            await t.waitUntil(expiry);
            t.same(await t.store.sessions.deleteExpired(), 0);
            if (!suite.options.forgetsExpired) await readLive(t, session.sessionId);
          }
          await t.waitUntil(expiry + 1);
          const count = await t.store.sessions.deleteExpired();
          t.same(await read(t, session.sessionId), null);
          await readLive(t, other.sessionId);
          // A shared server may have more expired sessions, or delete them by itself.
          if (t.countsSweeps) t.same(count, 1);
          t.same((await t.store.sessions.list(session.userId)).records.length, 1);
        },
      );
    }

    suite.test('a revoked session is deleted after its expiry, not before', async (t) => {
      const session = newSession({ idleTimeout: t.shortLifetime });
      await t.store.sessions.create(session);
      await t.store.sessions.revoke(revokeInput(session.sessionId, 'logout'));
      await t.store.sessions.deleteExpired();
      t.same((await readLive(t, session.sessionId)).revokedReason, 'logout');
      await t.waitUntil(expiryOfNew(await readLive(t, session.sessionId)) + 1);
      await t.store.sessions.deleteExpired();
      t.same(await read(t, session.sessionId), null);
    });

    suite.test('a deleted session is missing for every verb, and its id is free', async (t) => {
      const session = newSession({ idleTimeout: t.shortLifetime });
      const { sessionId, userId } = session;
      await t.store.sessions.create(session);
      await t.wait(t.shortLifetime + 1);
      await t.store.sessions.deleteExpired();
      const { sessions } = t.store;
      await sessions.touch(sessionId, 0);
      t.same(await sessions.find(sessionId, { generation: 0, interval: 0 }), null);
      t.same(await sessions.rotate(rotationInput(sessionId, 0)), { kind: 'missing' });
      t.same(await sessions.elevate(elevationInput(sessionId, 0)), { kind: 'missing' });
      t.same(await sessions.writeData(dataWriteInput(sessionId, 0)), { kind: 'missing' });
      t.same(await sessions.revoke(revokeInput(sessionId, 'logout')), 'missing');
      t.same((await sessions.revokeAll(revokeAllInput(userId, 'logout'))).revoked, []);
      t.same(await read(t, sessionId), null);
      t.same((await sessions.create(newSession({ userId, sessionId }))).kind, 'created');
    });

    for (const [name, use] of uses) {
      suite.test(`${name} moves the idle expiry, and deleteExpired respects it`, async (t) => {
        const session = newSession({ idleTimeout: t.shortLifetime });
        await t.store.sessions.create(session);
        const created = await readLive(t, session.sessionId);
        await t.wait(t.shortLifetime * 0.6);
        await use(t, session.sessionId);
        const used = await readLive(t, session.sessionId);
        t.same(used.lastActiveAt - created.lastActiveAt >= t.shortLifetime * 0.6, true);
        t.same([used.expiresAt, used.idleTimeout], [created.expiresAt, created.idleTimeout]);
        await t.wait(t.shortLifetime * 0.6);
        await t.store.sessions.deleteExpired();
        const { records } = await t.store.sessions.list(session.userId);
        t.same(records, [used], 'after the first idle expiry, before the second');
        const expiry = used.lastActiveAt + t.shortLifetime;
        await t.waitUntilJustBefore(expiry);
        await t.store.sessions.deleteExpired();
        if (t.clock) await readLive(t, session.sessionId);
        await t.waitUntil(expiry);
        await expectExpired(t, session.sessionId);
        if (t.clock) t.same(await t.store.sessions.deleteExpired(), 0, 'in its last millisecond');
        await t.waitUntil(expiry + 1);
        const count = await t.store.sessions.deleteExpired();
        if (t.countsSweeps) t.same(count, 1, 'a session that survived a sweep is deleted later');
        t.same(await read(t, session.sessionId), null, 'deleted once it has expired');
      });

      suite.test(`${name} does not move the absolute expiry`, async (t) => {
        const session = newSession({
          expiresAt: t.now() + t.shortLifetime,
          idleTimeout: t.shortLifetime,
        });
        await t.store.sessions.create(session);
        await t.wait(t.shortLifetime * 0.6);
        await use(t, session.sessionId);
        t.same((await readLive(t, session.sessionId)).expiresAt, session.expiresAt);
        await t.waitUntil(session.expiresAt);
        await expectExpired(t, session.sessionId);
        await use(t, session.sessionId);
        await expectExpired(t, session.sessionId);
      });

      suite.test(`${name} does not revive an expired session`, async (t) => {
        const session = newSession({ idleTimeout: t.shortLifetime });
        await t.store.sessions.create(session);
        const before = await readLive(t, session.sessionId);
        await t.waitUntil(before.lastActiveAt + t.shortLifetime);
        await use(t, session.sessionId);
        const after = await read(t, session.sessionId);
        if (!(suite.options.forgetsExpired && after === null)) t.same(after, before);
        await expectExpired(t, session.sessionId);
      });
    }

    suite.test('revoke ends an expired session, revokeAll does not', async (t) => {
      const userId = newUserId();
      const sessions = [1, 2].map(() => newSession({ userId, idleTimeout: t.shortLifetime }));
      for (const session of sessions) await t.store.sessions.create(session);
      await t.wait(t.shortLifetime);
      t.same((await t.store.sessions.revokeAll(revokeAllInput(userId, 'logout'))).revoked, []);
      const { sessionId } = sessions.toSorted((a, b) =>
        a.sessionId < b.sessionId ? -1 : 1,
      )[0] ?? {
        sessionId: '',
      };
      if (suite.options.forgetsExpired && !(await read(t, sessionId))) return;
      t.same((await readLive(t, sessionId)).revokedAt, null);
      t.same(await t.store.sessions.revoke(revokeInput(sessionId, 'logout')), 'revoked');
      t.same((await readLive(t, sessionId)).revokedReason, 'logout');
    });
  });

const lifetimes: [string, (t: SessionTrial) => Partial<NewSession>][] = [
  ['idle timeout', (t) => ({ idleTimeout: t.shortLifetime })],
  ['absolute timeout', (t) => ({ expiresAt: t.now() + t.shortLifetime })],
];

const uses: [string, (t: SessionTrial, sessionId: string) => Promise<unknown>][] = [
  ['touch', (t, id) => t.store.sessions.touch(id, 0)],
  [
    'find with activity',
    async (t, id) => {
      const found = await t.store.sessions.find(id, { generation: 0, interval: 0 });
      if (found?.touchDue) await t.store.sessions.touch(id, 0);
    },
  ],
  ['rotate', (t, id) => t.store.sessions.rotate(rotationInput(id, 0, { policy: strictPolicy }))],
  ['elevate', (t, id) => t.store.sessions.elevate(elevationInput(id, 0))],
];

const expiryOfNew = (record: SessionRecord): number =>
  Math.min(record.expiresAt, record.lastActiveAt + record.idleTimeout);

/** Checks that verbs which need a live session return `expired` and change nothing. */
const expectExpired = async (t: SessionTrial, sessionId: string): Promise<void> => {
  const before = await read(t, sessionId);
  const { sessions } = t.store;
  const outcomes = [
    await sessions.rotate(rotationInput(sessionId, before?.generation ?? 0)),
    await sessions.elevate(elevationInput(sessionId, before?.generation ?? 0)),
    await sessions.writeData(dataWriteInput(sessionId, before?.dataVersion ?? 0)),
  ];
  for (const outcome of outcomes) {
    if (outcome.kind === 'missing' && t.options.forgetsExpired) continue;
    t.same([outcome.kind, 'record' in outcome && outcome.record], ['expired', before]);
  }
  await sessions.touch(sessionId, before?.generation ?? 0);
  const after = await read(t, sessionId);
  if (!(after === null && t.options.forgetsExpired)) t.same(after, before);
};
