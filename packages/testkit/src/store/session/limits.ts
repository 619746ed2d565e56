import type { SessionLimit } from '@pawl/core';
import type { CreateOutcome } from '@pawl/core/store';
import { newSession, newUserId, revokeInput } from '../../fixtures/builders.ts';
import { byText } from '../../harness/compare.ts';
import { createInOneMillisecond, createInTurn, runAtOnce } from './many-sessions.ts';
import { olderFirst } from './model.ts';
import { read, readAll, readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** The limit of sessions per user. */
export const registerLimits = (suite: SessionSuite): void =>
  suite.group('session limits', () => {
    suite.test('evict_oldest revokes the oldest session with the reason "evicted"', async (t) => {
      const userId = newUserId();
      const ids = await createInTurn(t, userId, 3);
      const oldest = await readLive(t, ids[0] as string);
      const session = newSession({ userId });
      const outcome = await t.store.sessions.create(session, { max: 3, policy: 'evict_oldest' });
      t.same(evictedBy(outcome), [ids[0]]);
      const { revokedAt, ...rest } = await readLive(t, ids[0] as string);
      const revokedBy = session.callId;
      t.same({ ...rest, revokedAt: null }, { ...oldest, revokedReason: 'evicted', revokedBy });
      t.same(revokedAt, (await readLive(t, session.sessionId)).createdAt);
      t.same(await liveIds(t, userId), [session.sessionId, ids[2], ids[1]]);
    });

    suite.test('evict_oldest compares the time of creation, not of use', async (t) => {
      const userId = newUserId();
      const ids = await createInTurn(t, userId, 2);
      await t.store.sessions.touch(ids[0] as string, 0);
      const outcome = await t.store.sessions.create(newSession({ userId }), {
        max: 2,
        policy: 'evict_oldest',
      });
      t.same(evictedBy(outcome), [ids[0]]);
    });

    suite.test(
      'of sessions created in one millisecond the smallest id is the oldest',
      async (t) => {
        const userId = newUserId();
        const ids = await createInOneMillisecond(t, userId);
        const records = (await readAll(t, ids)).toSorted(olderFirst);
        const outcome = await t.store.sessions.create(newSession({ userId }), {
          max: 5,
          policy: 'evict_oldest',
        });
        const oldest = records.slice(0, 3).map(({ sessionId }) => sessionId);
        t.same(evictedBy(outcome).toSorted(byText), oldest.toSorted(byText));
      },
    );

    suite.test('a limit of one keeps the new session only', async (t) => {
      const userId = newUserId();
      const ids = await createInTurn(t, userId, 3);
      const session = newSession({ userId });
      const outcome = await t.store.sessions.create(session, { max: 1, policy: 'evict_oldest' });
      t.same(evictedBy(outcome).toSorted(byText), ids.toSorted(byText));
      t.same(await liveIds(t, userId), [session.sessionId]);
    });

    suite.test('refuse stores nothing and revokes nothing', async (t) => {
      const userId = newUserId();
      const ids = await createInTurn(t, userId, 2);
      const session = newSession({ userId });
      const outcome = await t.store.sessions.create(session, { max: 2, policy: 'refuse' });
      t.same(outcome, { kind: 'refused' });
      t.same(await read(t, session.sessionId), null);
      t.same(await liveIds(t, userId), ids.toReversed());
    });

    suite.test('below the limit no session is evicted or refused', async (t) => {
      const userId = newUserId();
      await createInTurn(t, userId, 2);
      for (const policy of ['refuse', 'evict_oldest'] as const) {
        const max = policy === 'refuse' ? 3 : 4;
        const outcome = await t.store.sessions.create(newSession({ userId }), { max, policy });
        t.same([outcome.kind, evictedBy(outcome)], ['created', []]);
      }
    });

    suite.test('revoked and expired sessions do not count towards the limit', async (t) => {
      const userId = newUserId();
      const limit: SessionLimit = { max: 2, policy: 'refuse' };
      const ended = newSession({ userId, idleTimeout: t.shortLifetime });
      await t.store.sessions.create(ended);
      const [kept, revoked] = (await createInTurn(t, userId, 2)) as [string, string];
      await t.store.sessions.revoke(revokeInput(revoked, 'logout'));
      await t.wait(t.shortLifetime);
      const session = newSession({ userId });
      t.same((await t.store.sessions.create(session, limit)).kind, 'created');
      t.same(await liveIds(t, userId), [session.sessionId, kept]);
      t.same((await t.store.sessions.create(newSession({ userId }), limit)).kind, 'refused');
    });

    suite.test('sessions of other users do not count towards the limit', async (t) => {
      const userId = newUserId();
      const others = await createInTurn(t, newUserId(), 2);
      const limit: SessionLimit = { max: 1, policy: 'evict_oldest' };
      t.same(evictedBy(await t.store.sessions.create(newSession({ userId }), limit)), []);
      t.same(
        (await readAll(t, others)).map(({ revokedAt }) => revokedAt),
        [null, null],
      );
    });

    for (const policy of ['evict_oldest', 'refuse'] as const) {
      suite.test(
        `64 concurrent creations with a limit of 5 leave exactly 5 (${policy})`,
        async (t) => {
          const userId = newUserId();
          const before = await createInTurn(t, userId, 2);
          const sessions = Array.from({ length: 64 }, () => newSession({ userId }));
          const outcomes = await runAtOnce(t, 64, (store, i) =>
            store.create(sessions[i] as (typeof sessions)[number], { max: 5, policy }),
          );
          const created = outcomes.filter(({ kind }) => kind === 'created').length;
          t.same(created, policy === 'refuse' ? 3 : 64);
          const evicted = outcomes.flatMap(evictedBy);
          t.same(evicted.length, policy === 'refuse' ? 0 : 61);
          t.same(new Set(evicted).size, evicted.length, 'each session is evicted once');
          const live = await liveIds(t, userId);
          t.same(live.length, 5);
          t.same(
            live.filter((id) => evicted.includes(id)),
            [],
          );
          const ids = [...before, ...sessions.map(({ sessionId }) => sessionId)];
          const records = await readAll(t, ids);
          t.same(records.length, 2 + created, 'a refused session is not stored');
          const ended = records.flatMap(({ revokedReason }) => revokedReason ?? []);
          t.same(
            ended,
            evicted.map(() => 'evicted'),
          );
        },
      );
    }
  });

const evictedBy = (outcome: CreateOutcome): readonly string[] =>
  outcome.kind === 'created' ? outcome.evicted : [];

const liveIds = async (t: SessionTrial, userId: string): Promise<string[]> =>
  (await t.store.sessions.list(userId)).records.map(({ sessionId }) => sessionId);
