import { isTouchDue, type SessionRecord } from '@pawl/core/store';
import { elevationInput, newId, newSession, revokeInput } from '../../fixtures/builders.ts';
import { rotateOnce, sessionOf } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** Noting that a session is used: `touch`, and `find` with an activity. */
export const testActivity = (suite: SessionSuite): void =>
  suite.group('session activity', () => {
    suite.test('touch notes the time and confirms the current generation', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const before = await readLive(t, sessionId);
      await t.wait(5);
      await t.store.sessions.touch(sessionId, 1);
      const after = await readLive(t, sessionId);
      t.same(after, { ...before, confirmed: true, lastActiveAt: after.lastActiveAt });
      if (t.clock) t.same(after.lastActiveAt, t.clock.now());
      t.same(after.lastActiveAt > before.lastActiveAt, true);
    });

    suite.test('touch of the generation before does not confirm the current one', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const before = await readLive(t, sessionId);
      await t.store.sessions.touch(sessionId, 0);
      const after = await readLive(t, sessionId);
      t.same(after, { ...before, lastActiveAt: after.lastActiveAt });
    });

    for (const ahead of [1, 2, 1_000_000]) {
      suite.test(`touch ${ahead} ahead of the record notes a lost write, once`, async (t) => {
        const sessionId = await sessionOf(t, 1);
        const before = await readLive(t, sessionId);
        await t.wait(5);
        await t.store.sessions.touch(sessionId, 1 + ahead);
        const after = await readLive(t, sessionId);
        t.same(after, { ...before, regressedAt: after.regressedAt }, 'it is no activity');
        if (t.clock) t.same(after.regressedAt, t.clock.now());
        t.same((after.regressedAt ?? 0) > before.rotatedAt, true);
        await t.wait(5);
        await t.store.sessions.touch(sessionId, 1 + ahead);
        t.same(await readLive(t, sessionId), after);
      });
    }

    suite.test('use of the current token is noted beside a lost write', async (t) => {
      const sessionId = await sessionOf(t, 1);
      await t.store.sessions.touch(sessionId, 2);
      const before = await readLive(t, sessionId);
      await t.wait(5);
      await t.store.sessions.touch(sessionId, 1);
      const after = await readLive(t, sessionId);
      t.same(after, { ...before, confirmed: true, lastActiveAt: after.lastActiveAt });
      t.same(after.lastActiveAt > before.lastActiveAt, true);
    });

    suite.test('touch of an older generation takes no confirmation back', async (t) => {
      const sessionId = await sessionOf(t, 1);
      await t.store.sessions.touch(sessionId, 1);
      await t.store.sessions.touch(sessionId, 0);
      t.same((await readLive(t, sessionId)).confirmed, true);
    });

    suite.test('activity never moves back, though the clock may', async (t) => {
      const clock = t.requireClock();
      const sessionId = await sessionOf(t, 0);
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
      const sessionId = await sessionOf(t, 0);
      const before = await readLive(t, sessionId);
      await t.wait(5);
      t.same((await t.store.sessions.find(sessionId))?.touchDue, false);
      t.same(await readLive(t, sessionId), before);
    });

    suite.test('the first use of a generation is noted, whatever the interval', async (t) => {
      const sessionId = await sessionOf(t, 1);
      t.same(await find(t, sessionId, 1, 3_600_000), 'noted');
      t.same((await readLive(t, sessionId)).confirmed, true);
      t.same(await find(t, sessionId, 1, 3_600_000), 'not noted');
    });

    suite.test('later uses are noted when the interval is over', async (t) => {
      const sessionId = await sessionOf(t, 0);
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
      const sessionId = await sessionOf(t, 2);
      t.same(await find(t, sessionId, 1, 3_600_000), 'not noted');
      await t.wait(5);
      t.same(await find(t, sessionId, 1, 1), 'noted');
      t.same((await readLive(t, sessionId)).confirmed, false);
    });

    suite.test('a token from below the floor is no activity', async (t) => {
      const sessionId = await sessionOf(t, 0);
      await t.store.sessions.elevate(elevationInput(sessionId, 0));
      await t.wait(5);
      t.same(await find(t, sessionId, 0, 0), 'not noted');
      t.same(await find(t, sessionId, 1, 0), 'noted');
    });

    suite.test('a token ahead of the record is no activity, but a lost write', async (t) => {
      const sessionId = await sessionOf(t, 1);
      await t.wait(5);
      t.same(await find(t, sessionId, 2, 0), 'lost write');
      await t.wait(5);
      t.same(await find(t, sessionId, 2, 0), 'not noted', 'when it was first seen stays');
      t.same(await find(t, sessionId, 1, 0), 'noted');
    });

    suite.test('the activity of an ended session is not noted', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      await t.store.sessions.revoke(revokeInput(session.sessionId, 'logout'));
      await t.wait(5);
      const before = await readLive(t, session.sessionId);
      for (const generation of [0, 1]) {
        t.same(await find(t, session.sessionId, generation, 0), 'not noted');
        await t.store.sessions.touch(session.sessionId, generation);
      }
      t.same(await readLive(t, session.sessionId), before);
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
): Promise<'noted' | 'lost write' | 'not noted'> => {
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
    ({ lastActiveAt, confirmed, regressedAt }) =>
      lastActiveAt === found.record.lastActiveAt &&
      confirmed === found.record.confirmed &&
      regressedAt === found.record.regressedAt,
  );
  t.same(found.record, shown[0], 'the record before or after');
  const { lastActiveAt, confirmed, regressedAt } = after;
  t.same(after, { ...before, lastActiveAt, confirmed, regressedAt }, 'nothing else changes');
  if (regressedAt !== before.regressedAt) {
    if (t.clock) t.same(regressedAt, t.clock.now());
    t.same([lastActiveAt, confirmed], [before.lastActiveAt, before.confirmed]);
    return 'lost write';
  }
  const noted = lastActiveAt !== before.lastActiveAt || confirmed !== before.confirmed;
  return noted ? 'noted' : 'not noted';
};
