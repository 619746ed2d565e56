import {
  newSession,
  newUserId,
  replayInput,
  revokeAllInput,
  revokeInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../../fixtures/builders.ts';
import { byText } from '../../../harness/compare.ts';
import { createInTurn, runAtOnce } from '../many-sessions.ts';
import { createRotatedSession } from '../presentation.ts';
import type { SessionSuite, SessionTrial } from '../trial.ts';

/** The optional feed of revocations, `subscribe`. */
export const registerFeed = (suite: SessionSuite): void =>
  suite.group('session feed', () => {
    suite.test('every way to end a session is reported with its reason', async (t) => {
      const feed = await listen(t);
      const { sessions } = t.store;
      const userId = newUserId();
      const [a, b, c, d] = (await createInTurn(t, userId, 4)) as [string, string, string, string];
      await sessions.revoke(revokeInput(a, 'logout'));
      await sessions.create(newSession({ userId }), { max: 3, policy: 'evict_oldest' });
      await sessions.rotate(rotationInput(c, 0, { tokenHash: seededBytes('another', 32) }));
      await sessions.revokeAll(revokeAllInput(userId, 'password_changed'));
      const reused = await createRotatedSession(t, 1);
      await sessions.rotate(replayInput(reused, 0, { policy: strictPolicy }));
      await feed.waitFor([a, b, c, d, reused]);
      t.same(feed.reasons(a), ['logout']);
      t.same(feed.reasons(b), ['evicted']);
      t.same(feed.reasons(c), ['fork']);
      t.same(feed.reasons(d), ['password_changed']);
      t.same(feed.reasons(reused), ['reuse_detected']);
      feed.stop();
    });

    suite.test('other nodes receive revocations, too', async (t) => {
      const feed = await listen(t);
      const sessionId = await createRotatedSession(t, 0);
      await t.second.sessions.revoke(revokeInput(sessionId, 'logout'));
      await feed.waitFor([sessionId]);
      feed.stop();
    });

    suite.test('concurrent revocations of a session are reported once', async (t) => {
      const feed = await listen(t);
      const userId = newUserId();
      const ids = await createInTurn(t, userId, 8);
      await runAtOnce(t, 32, (sessions, i) =>
        i % 8 === 0
          ? sessions.revokeAll(revokeAllInput(userId, `call ${i}`)).then(() => undefined)
          : sessions.revoke(revokeInput(ids[i % 8] as string, `call ${i}`)).then(() => undefined),
      );
      const last = await createRotatedSession(t, 0);
      await t.store.sessions.revoke(revokeInput(last, 'logout'));
      await feed.waitFor([...ids, last]);
      for (const id of ids) {
        const { record } = (await t.store.sessions.find(id)) ?? {};
        t.same(feed.reasons(id), [record?.revokedReason]);
      }
      feed.stop();
    });

    suite.test('calls that end no session are not reported', async (t) => {
      const feed = await listen(t);
      const { sessions } = t.store;
      const userId = newUserId();
      const [a, b] = (await createInTurn(t, userId, 2)) as [string, string];
      await sessions.revoke(revokeInput(a, 'logout'));
      await sessions.revoke(revokeInput(a, 'again'));
      await sessions.revoke(revokeInput(b, 'foreign', { userId: newUserId() }));
      await sessions.revokeAll(revokeAllInput(userId, 'except', { exceptSessionId: b }));
      await sessions.create(newSession({ userId }), { max: 1, policy: 'refuse' });
      await sessions.rotate(rotationInput(b, 0));
      await sessions.rotate(rotationInput(b, 0));
      await sessions.rotate(replayInput(b, 0));
      await sessions.rotate(rotationInput(a, 0, { tokenHash: seededBytes('another', 32) }));
      // Of the same user, because revocations of different users may arrive in any order.
      await sessions.revoke(revokeInput(b, 'last'));
      await feed.waitFor([b]);
      t.same(feed.reasons(a), ['logout']);
      t.same(feed.reasons(b), ['last']);
      feed.stop();
    });

    suite.test('a revocation that is sent again is reported once', async (t) => {
      const feed = await listen(t);
      const { sessions } = t.store;
      const userId = newUserId();
      const [a, b, c] = (await createInTurn(t, userId, 3)) as [string, string, string];
      const creation = newSession({ userId });
      const logout = revokeInput(b, 'logout');
      const all = revokeAllInput(userId, 'password_changed');
      const stolen = replayInput(await createRotatedSession(t, 1, { userId }), 0, {
        policy: strictPolicy,
      });
      for (const node of [sessions, t.second.sessions, sessions]) await node.rotate(stolen);
      for (let i = 0; i < 3; i++) {
        await sessions.create(creation, { max: 3, policy: 'evict_oldest' });
      }
      for (let i = 0; i < 3; i++) await sessions.revoke(logout);
      for (let i = 0; i < 3; i++) await sessions.revokeAll(all);
      const last = newSession({ userId });
      await sessions.create(last);
      await sessions.revoke(revokeInput(last.sessionId, 'last'));
      await feed.waitFor([last.sessionId]);
      t.same(feed.reasons(stolen.sessionId), ['reuse_detected']);
      t.same(feed.reasons(a), ['evicted']);
      t.same(feed.reasons(b), ['logout']);
      t.same(feed.reasons(c), ['password_changed']);
      t.same(feed.reasons(creation.sessionId), ['password_changed']);
      feed.stop();
    });

    suite.test('every listener receives revocations until it unsubscribes', async (t) => {
      const first = await listen(t);
      const second = await listen(t);
      const [a, b] = (await createInTurn(t, newUserId(), 2)) as [string, string];
      await t.store.sessions.revoke(revokeInput(a, 'logout'));
      await first.waitFor([a]);
      await second.waitFor([a]);
      first.stop();
      await t.store.sessions.revoke(revokeInput(b, 'logout'));
      await second.waitFor([b]);
      t.same(first.reasons(b), []);
      second.stop();
      second.stop();
    });
  });

interface Feed {
  /** Waits until a revocation of each of these sessions was reported. */
  waitFor(ids: readonly string[]): Promise<void>;
  /** Returns the reported reasons of a session, in order. */
  reasons(sessionId: string): string[];
  stop(): void;
}

const listen = async (t: SessionTrial): Promise<Feed> => {
  const { sessions } = t.store;
  if (!sessions.subscribe) return t.skip('the store has no feed');
  const received: [sessionId: string, reason: string][] = [];
  let isConnected = false;
  const stop = sessions.subscribe({
    revoked: (sessionId, reason) => received.push([sessionId, reason]),
    connected: (connected) => {
      isConnected = connected;
    },
  });
  await t.eventually(() => isConnected, 'the feed is connected');
  const reasons = (sessionId: string): string[] =>
    received.filter(([id]) => id === sessionId).map(([, reason]) => reason);
  return {
    reasons,
    waitFor: (ids) =>
      t.eventually(
        () => ids.every((id) => reasons(id).length > 0),
        `all of ${ids.toSorted(byText).join(', ')} are reported`,
      ),
    stop,
  };
};
