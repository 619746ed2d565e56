import type { NewSession } from '@pawl/core/store';
import {
  newSession,
  newUserId,
  revokeAllInput,
  revokeInput,
  rotationInput,
} from '../../fixtures/builders.ts';
import { byText } from '../../harness/compare.ts';
import { readAll, type SessionSuite, type SessionTrial } from './trial.ts';

/** Far more sessions than a store may write in one step, if it holds up others meanwhile. */
const crowd = 450;

/** A user with very many sessions: the rules are the same as for a few. */
export const registerCrowds = (suite: SessionSuite): void =>
  suite.group('a user with very many sessions', () => {
    suite.test('revokeAll ends all except one, and nothing that is created later', async (t) => {
      const userId = newUserId();
      const ids = await createCrowd(t, userId);
      const kept = ids[7] as string;
      const input = revokeAllInput(userId, 'password_changed', { exceptSessionId: kept });
      const { revoked } = await t.store.sessions.revokeAll(input);
      const later = newSession({ userId });
      await t.second.sessions.create(later);
      const others = ids.filter((id) => id !== kept);
      t.same(revoked.toSorted(byText), others.toSorted(byText));
      const records = await readAll(t, others);
      t.same(
        records.every(({ revokedReason }) => revokedReason === 'password_changed'),
        true,
      );
      t.same((await liveIds(t, userId)).toSorted(byText), [kept, later.sessionId].toSorted(byText));
    });

    suite.test('revokeAll of one device ends the sessions of that device', async (t) => {
      const userId = newUserId();
      await createCrowd(t, userId, (i) => ({ deviceId: i % 3 === 0 ? 'phone' : null }));
      const input = revokeAllInput(userId, 'logout', { deviceId: 'phone' });
      t.same((await t.store.sessions.revokeAll(input)).revoked.length, crowd / 3);
      t.same((await liveIds(t, userId)).length, (2 * crowd) / 3);
    });

    suite.test('a lower limit ends all but the newest', async (t) => {
      const userId = newUserId();
      const ids = await createCrowd(t, userId);
      const newest = await liveIds(t, userId, 4);
      await t.wait(1);
      const session = newSession({ userId });
      const outcome = await t.store.sessions.create(session, { max: 5, policy: 'evict_oldest' });
      const evicted = outcome.kind === 'created' ? outcome.evicted : [];
      const surplus = ids.filter((id) => !newest.includes(id));
      t.same(evicted.toSorted(byText), surplus.toSorted(byText));
      t.same(await liveIds(t, userId), [session.sessionId, ...newest]);
      t.same(
        (await readAll(t, surplus)).every(({ revokedReason }) => revokedReason === 'evicted'),
        true,
      );
    });

    suite.test('a lower limit that refuses changes nothing', async (t) => {
      const userId = newUserId();
      await createCrowd(t, userId);
      const limit = { max: 5, policy: 'refuse' } as const;
      t.same(await t.store.sessions.create(newSession({ userId }), limit), { kind: 'refused' });
      t.same((await liveIds(t, userId)).length, crowd);
    });

    suite.test('at the limit each login ends exactly the oldest session', async (t) => {
      const userId = newUserId();
      await createCrowd(t, userId);
      const oldest = (await liveIds(t, userId)).slice(-3).toReversed();
      for (const expected of oldest) {
        await t.wait(1);
        const limit = { max: crowd, policy: 'evict_oldest' } as const;
        const outcome = await t.store.sessions.create(newSession({ userId }), limit);
        t.same(outcome.kind === 'created' && outcome.evicted, [expected]);
      }
      t.same((await liveIds(t, userId)).length, crowd);
    });

    suite.test('two calls of revokeAll at once end each session once', async (t) => {
      const userId = newUserId();
      const ids = await createCrowd(t, userId);
      const [first, second] = await Promise.all([
        t.store.sessions.revokeAll(revokeAllInput(userId, 'logout')),
        t.second.sessions.revokeAll(revokeAllInput(userId, 'password_changed')),
      ]);
      const revoked = [...first.revoked, ...second.revoked];
      t.same(revoked.toSorted(byText), ids.toSorted(byText));
      const reasons = await readAll(t, ids);
      const of = (reason: string): number =>
        reasons.filter(({ revokedReason }) => revokedReason === reason).length;
      t.same([of('logout'), of('password_changed')], [first.revoked.length, second.revoked.length]);
    });

    suite.test('what is used during revokeAll is ended when it returns', async (t) => {
      const userId = newUserId();
      const ids = await createCrowd(t, userId);
      const created: string[] = [];
      const use = async (sessionId: string, i: number): Promise<void> => {
        const { sessions } = i % 2 ? t.second : t.store;
        if (i % 3 === 0) await sessions.rotate(rotationInput(sessionId, 0));
        if (i % 3 === 1) await sessions.touch(sessionId, 0);
        if (i % 3 === 2) await sessions.revoke(revokeInput(sessionId, 'logout'));
        if (i % 10 === 0) {
          const session = newSession({ userId });
          await sessions.create(session);
          created.push(session.sessionId);
        }
      };
      const [{ revoked }] = await Promise.all([
        t.store.sessions.revokeAll(revokeAllInput(userId, 'password_changed')),
        ...ids.slice(0, 120).map(use),
      ]);
      t.same(
        (await readAll(t, ids)).every(({ revokedAt }) => revokedAt !== null),
        true,
      );
      const live = await liveIds(t, userId);
      const survivors = created.filter((id) => !revoked.includes(id));
      t.same(live.toSorted(byText), survivors.toSorted(byText));
    });
  });

/** Creates sessions of a user, many at a time. */
const createCrowd = async (
  t: SessionTrial,
  userId: string,
  overrides: (index: number) => Partial<NewSession> = () => ({}),
): Promise<string[]> => {
  const sessions = Array.from({ length: crowd }, (_, i) => newSession({ ...overrides(i), userId }));
  for (let i = 0; i < crowd; i += 50) {
    await Promise.all(sessions.slice(i, i + 50).map((session) => t.store.sessions.create(session)));
  }
  return sessions.map(({ sessionId }) => sessionId);
};

const liveIds = async (t: SessionTrial, userId: string, limit?: number): Promise<string[]> =>
  (await t.second.sessions.list(userId, { limit })).records.map(({ sessionId }) => sessionId);
