import { isTouchDue, type SessionRecord } from '@pawl/core/store';
import { elevationInput, newId, newSession } from '../../fixtures/builders.ts';
import { createRotatedSession, rotateOnce } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** Noting that a session is used: `touch`, and `find` with an activity. */
export const registerActivity = (suite: SessionSuite): void =>
  suite.group('session activity', () => {
    suite.test('touch notes the time and confirms the current generation', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const before = await readLive(t, sessionId);
      await t.wait(5);
      await t.store.sessions.touch(sessionId, 1);
      const after = await readLive(t, sessionId);
      t.same(after, { ...before, confirmed: true, lastActiveAt: after.lastActiveAt });
      if (t.clock) t.same(after.lastActiveAt, t.clock.now());
      t.same(after.lastActiveAt > before.lastActiveAt, true);
    });

    for (const generation of [0, 2]) {
      suite.test(`touch of generation ${generation} does not confirm generation 1`, async (t) => {
        const sessionId = await createRotatedSession(t, 1);
        const before = await readLive(t, sessionId);
        await t.store.sessions.touch(sessionId, generation);
        const after = await readLive(t, sessionId);
        t.same(after, { ...before, lastActiveAt: after.lastActiveAt });
      });
    }

    suite.test('touch of an older generation takes no confirmation back', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      await t.store.sessions.touch(sessionId, 1);
      await t.store.sessions.touch(sessionId, 0);
      t.same((await readLive(t, sessionId)).confirmed, true);
    });

    suite.test('activity never moves back, though the clock may', async (t) => {
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
    });

    suite.test(
      'touch of a session that does not exist is no error, and creates none',
      async (t) => {
        const sessionId = newId('nobody');
        await t.store.sessions.touch(sessionId, 0);
        t.same(await t.store.sessions.find(sessionId), null);
      },
    );

    suite.test('find without an activity leaves no trace', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const before = await readLive(t, sessionId);
      await t.wait(5);
      t.same((await t.store.sessions.find(sessionId))?.touchDue, false);
      t.same(await readLive(t, sessionId), before);
    });

    suite.test('the first use of a generation is noted, whatever the interval', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      t.same(await find(t, sessionId, 1, 3_600_000), 'noted');
      t.same((await readLive(t, sessionId)).confirmed, true);
      t.same(await find(t, sessionId, 1, 3_600_000), 'not noted');
    });

    suite.test('later uses are noted when the interval is over', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const interval = t.clock ? 60_000 : 100;
      await find(t, sessionId, 0, interval);
      const { lastActiveAt } = await readLive(t, sessionId);
      await t.waitUntilJustBefore(lastActiveAt + interval);
      t.same(await find(t, sessionId, 0, t.clock ? interval : 3_600_000), 'not noted');
      await t.waitUntil(lastActiveAt + interval);
      t.same(await find(t, sessionId, 0, interval), 'noted');
      t.same((await readLive(t, sessionId)).lastActiveAt >= lastActiveAt + interval, true);
    });

    suite.test('use of the generation before is activity, and confirms nothing', async (t) => {
      const sessionId = await createRotatedSession(t, 2);
      t.same(await find(t, sessionId, 1, 3_600_000), 'not noted');
      await t.wait(5);
      t.same(await find(t, sessionId, 1, 1), 'noted');
      t.same((await readLive(t, sessionId)).confirmed, false);
    });

    suite.test('a token from below the floor, or of the future, is no activity', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      await t.store.sessions.elevate(elevationInput(sessionId, 0));
      await t.wait(5);
      t.same(await find(t, sessionId, 0, 0), 'not noted');
      t.same(await find(t, sessionId, 2, 0), 'not noted');
      t.same(await find(t, sessionId, 1, 0), 'noted');
    });

    suite.test('the activity of an ended session is not noted', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      await t.store.sessions.revoke(session.sessionId, 'logout');
      await t.wait(5);
      t.same(await find(t, session.sessionId, 0, 0), 'not noted');
      await t.store.sessions.touch(session.sessionId, 0);
      t.same((await readLive(t, session.sessionId)).confirmed, false);
    });
  });

/**
 * Finds a session as a guard does, `touch` included where the store asks for
 * it, and answers whether that left a trace. The record that is answered may be
 * the one before or the one after.
 */
const find = async (
  t: SessionTrial,
  sessionId: string,
  generation: number,
  interval: number,
): Promise<'noted' | 'not noted'> => {
  const before = await readLive(t, sessionId);
  const activity = { generation, interval };
  const found = await t.store.sessions.find(sessionId, activity);
  if (!found) throw new Error('the store has lost the session of this test');
  if (found.touchDue) {
    t.same(isTouchDue(before, activity, found.now), true, 'touchDue is what isTouchDue says');
    await t.store.sessions.touch(sessionId, generation);
  }
  const after = await readLive(t, sessionId);
  const shown: SessionRecord[] = [before, after].filter(
    ({ lastActiveAt, confirmed }) =>
      lastActiveAt === found.record.lastActiveAt && confirmed === found.record.confirmed,
  );
  t.same(found.record, shown[0], 'the record before or after');
  const { lastActiveAt, confirmed } = after;
  t.same(after, { ...before, lastActiveAt, confirmed }, 'nothing else changes');
  const noted = lastActiveAt !== before.lastActiveAt || confirmed !== before.confirmed;
  return noted ? 'noted' : 'not noted';
};
