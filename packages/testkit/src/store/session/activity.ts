import { isTouchDue, type SessionRecord } from '@pawl/core/store';
import { elevationInput, newId, newSession, revokeInput } from '../../fixtures/builders.ts';
import { createRotatedSession, rotateOnce } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** Recording that a session is used: `touch`, and `find` with an activity. */
export const registerActivity = (suite: SessionSuite): void =>
  suite.group('session activity', () => {
    suite.test('touch records the time and confirms the current generation', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const before = await readLive(t, sessionId);
      await t.wait(5);
      await t.store.sessions.touch(sessionId, 1);
      const after = await readLive(t, sessionId);
      t.same(after, { ...before, confirmed: true, lastActiveAt: after.lastActiveAt });
      if (t.clock) t.same(after.lastActiveAt, t.clock.now());
      t.same(after.lastActiveAt > before.lastActiveAt, true);
    });

    suite.test('touch of the generation before does not confirm the current one', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const before = await readLive(t, sessionId);
      await t.store.sessions.touch(sessionId, 0);
      const after = await readLive(t, sessionId);
      t.same(after, { ...before, lastActiveAt: after.lastActiveAt });
    });

    for (const ahead of [1, 2, 1_000_000]) {
      suite.test(
        `touch ${ahead} generations ahead of the record records a lost write once`,
        async (t) => {
          const sessionId = await createRotatedSession(t, 1);
          const before = await readLive(t, sessionId);
          await t.wait(5);
          await t.store.sessions.touch(sessionId, 1 + ahead);
          const after = await readLive(t, sessionId);
          t.same(after, { ...before, regressedAt: after.regressedAt }, 'it is not activity');
          if (t.clock) t.same(after.regressedAt, t.clock.now());
          t.same((after.regressedAt ?? 0) > before.rotatedAt, true);
          await t.wait(5);
          await t.store.sessions.touch(sessionId, 1 + ahead);
          t.same(await readLive(t, sessionId), after);
        },
      );
    }

    suite.test('use of the current generation is recorded despite a lost write', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      await t.store.sessions.touch(sessionId, 2);
      const before = await readLive(t, sessionId);
      await t.wait(5);
      await t.store.sessions.touch(sessionId, 1);
      const after = await readLive(t, sessionId);
      t.same(after, { ...before, confirmed: true, lastActiveAt: after.lastActiveAt });
      t.same(after.lastActiveAt > before.lastActiveAt, true);
    });

    suite.test('touch of an older generation keeps the confirmation', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      await t.store.sessions.touch(sessionId, 1);
      await t.store.sessions.touch(sessionId, 0);
      t.same((await readLive(t, sessionId)).confirmed, true);
    });

    suite.test(
      'the time of the last activity never moves back, even if the clock does',
      async (t) => {
        const clock = t.requireClock();
        const sessionId = await createRotatedSession(t, 0);
        const { lastActiveAt } = await readLive(t, sessionId);
        await clock.advance(-500);
        await t.store.sessions.touch(sessionId, 0);
        t.same((await readLive(t, sessionId)).lastActiveAt, lastActiveAt, 'after touch');
        await find(t, sessionId, 0, 0);
        t.same((await readLive(t, sessionId)).lastActiveAt, lastActiveAt, 'after find');
        await rotateOnce(t, sessionId, 0);
        t.same((await readLive(t, sessionId)).lastActiveAt, lastActiveAt, 'after rotate');
        await t.store.sessions.elevate(elevationInput(sessionId, 1));
        t.same((await readLive(t, sessionId)).lastActiveAt, lastActiveAt, 'after elevate');
      },
    );

    suite.test('touch of a missing session neither throws nor creates one', async (t) => {
      const sessionId = newId('nobody');
      await t.store.sessions.touch(sessionId, 0);
      t.same(await t.store.sessions.find(sessionId), null);
    });

    suite.test('find without an activity changes nothing', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const before = await readLive(t, sessionId);
      await t.wait(5);
      t.same((await t.store.sessions.find(sessionId))?.touchDue, false);
      t.same(await readLive(t, sessionId), before);
    });

    suite.test('the first use of a generation is recorded, whatever the interval', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      t.same(await find(t, sessionId, 1, 3_600_000), 'recorded');
      t.same((await readLive(t, sessionId)).confirmed, true);
      t.same(await find(t, sessionId, 1, 3_600_000), 'not recorded');
    });

    suite.test('a later use is recorded once the interval is over', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const interval = t.clock ? 60_000 : 100;
      await find(t, sessionId, 0, interval);
      const { lastActiveAt } = await readLive(t, sessionId);
      await t.waitUntilJustBefore(lastActiveAt + interval);
      t.same(await find(t, sessionId, 0, t.clock ? interval : 3_600_000), 'not recorded');
      await t.waitUntil(lastActiveAt + interval);
      t.same(await find(t, sessionId, 0, interval), 'recorded');
      t.same((await readLive(t, sessionId)).lastActiveAt >= lastActiveAt + interval, true);
    });

    suite.test('use of the previous generation is activity but confirms nothing', async (t) => {
      const sessionId = await createRotatedSession(t, 2);
      t.same(await find(t, sessionId, 1, 3_600_000), 'not recorded');
      await t.wait(5);
      t.same(await find(t, sessionId, 1, 1), 'recorded');
      t.same((await readLive(t, sessionId)).confirmed, false);
    });

    suite.test('use of a generation below the floor is not activity', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      await t.store.sessions.elevate(elevationInput(sessionId, 0));
      await t.wait(5);
      t.same(await find(t, sessionId, 0, 0), 'not recorded');
      t.same(await find(t, sessionId, 1, 0), 'recorded');
    });

    suite.test(
      'use of a generation above the current one is a lost write, not activity',
      async (t) => {
        const sessionId = await createRotatedSession(t, 1);
        await t.wait(5);
        t.same(await find(t, sessionId, 2, 0), 'lost write');
        await t.wait(5);
        t.same(await find(t, sessionId, 2, 0), 'not recorded', 'the first time is kept');
        t.same(await find(t, sessionId, 1, 0), 'recorded');
      },
    );

    suite.test('activity of an ended session is not recorded', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      await t.store.sessions.revoke(revokeInput(session.sessionId, 'logout'));
      await t.wait(5);
      const before = await readLive(t, session.sessionId);
      for (const generation of [0, 1]) {
        t.same(await find(t, session.sessionId, generation, 0), 'not recorded');
        await t.store.sessions.touch(session.sessionId, generation);
      }
      t.same(await readLive(t, session.sessionId), before);
    });
  });

/**
 * Finds a session as a guard does, with a `touch` if the store asks for one, and returns whether the
 * activity was recorded. The returned record may be the one before or after.
 */
const find = async (
  t: SessionTrial,
  sessionId: string,
  generation: number,
  interval: number,
): Promise<'recorded' | 'lost write' | 'not recorded'> => {
  const before = await readLive(t, sessionId);
  const activity = { generation, interval };
  const found = await t.store.sessions.find(sessionId, activity);
  if (!found) throw new Error('the store does not have the session that the test created');
  if (found.touchDue) {
    t.same(isTouchDue(before, activity, found.now), true, 'touchDue equals isTouchDue');
    await t.store.sessions.touch(sessionId, generation);
  }
  const after = await readLive(t, sessionId);
  const candidates: SessionRecord[] = [before, after].filter(
    ({ lastActiveAt, confirmed, regressedAt }) =>
      lastActiveAt === found.record.lastActiveAt &&
      confirmed === found.record.confirmed &&
      regressedAt === found.record.regressedAt,
  );
  t.same(found.record, candidates[0], 'the record before or after the activity');
  const { lastActiveAt, confirmed, regressedAt } = after;
  t.same(after, { ...before, lastActiveAt, confirmed, regressedAt }, 'no other field changes');
  if (regressedAt !== before.regressedAt) {
    if (t.clock) t.same(regressedAt, t.clock.now());
    t.same([lastActiveAt, confirmed], [before.lastActiveAt, before.confirmed]);
    return 'lost write';
  }
  const recorded = lastActiveAt !== before.lastActiveAt || confirmed !== before.confirmed;
  return recorded ? 'recorded' : 'not recorded';
};
