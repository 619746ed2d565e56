import type { SessionPosition } from '@pawl/core';
import { maxSessionPage } from '@pawl/core/store';
import { newUserId, revokeInput } from '../../fixtures/builders.ts';
import { createInOneMillisecond, createInTurn } from './many-sessions.ts';
import type { SessionSuite, SessionTrial } from './trial.ts';

/** Lists that are read page by page. */
export const registerPages = (suite: SessionSuite): void =>
  suite.group('pages of a list', () => {
    suite.test('pages of any size are the whole list, in its order', async (t) => {
      const userId = newUserId();
      await createInTurn(t, userId, 4);
      await createInOneMillisecond(t, userId);
      await createInTurn(t, userId, 3);
      const all = await idsOf(t, userId);
      for (const limit of [1, 2, 3, 5, all.length, all.length + 1, maxSessionPage]) {
        t.same(await readPages(t, userId, limit), all, `a limit of ${limit}`);
      }
    });

    suite.test('a full page may be the last one: the next one is empty', async (t) => {
      const userId = newUserId();
      const [oldest, newest] = (await createInTurn(t, userId, 2)) as [string, string];
      const { records } = await t.store.sessions.list(userId, { limit: 2 });
      t.same(
        records.map(({ sessionId }) => sessionId),
        [newest, oldest],
      );
      t.same(await idsOf(t, userId, { limit: 2, after: records[1] }), []);
    });

    suite.test('a position stays where it is when its session ends', async (t) => {
      const userId = newUserId();
      const ids = (await createInTurn(t, userId, 5)).toReversed();
      const { records } = await t.store.sessions.list(userId, { limit: 3 });
      const after = records[2] as SessionPosition;
      for (const ended of [ids[0], ids[2], ids[3]]) {
        await t.store.sessions.revoke(revokeInput(ended as string, 'logout'));
      }
      t.same(await idsOf(t, userId, { limit: 3, after }), [ids[4]]);
    });

    suite.test('a newer session is on the first page only', async (t) => {
      const userId = newUserId();
      const ids = (await createInTurn(t, userId, 3)).toReversed();
      const { records } = await t.store.sessions.list(userId, { limit: 1 });
      const [newer] = await createInTurn(t, userId, 1);
      t.same(await idsOf(t, userId, { after: records[0] }), ids.slice(1));
      t.same(await idsOf(t, userId, { limit: 2 }), [newer, ids[0]]);
    });

    suite.test('a position of another user is a place in time only', async (t) => {
      const userId = newUserId();
      const ids = await createInTurn(t, userId, 2);
      const other = newUserId();
      await createInTurn(t, other, 1);
      const [position] = (await t.store.sessions.list(other)).records;
      t.same(await idsOf(t, userId, { after: position }), ids.toReversed());
    });
  });

type Page = NonNullable<Parameters<SessionTrial['store']['sessions']['list']>[1]>;

const idsOf = async (t: SessionTrial, userId: string, page?: Page): Promise<string[]> =>
  (await t.second.sessions.list(userId, page)).records.map(({ sessionId }) => sessionId);

const readPages = async (t: SessionTrial, userId: string, limit: number): Promise<string[]> => {
  const ids: string[] = [];
  // A store that ignores the position must not run for ever.
  for (let after: SessionPosition | undefined; ids.length < 1_000; ) {
    const { records } = await t.store.sessions.list(userId, { limit, after });
    ids.push(...records.map(({ sessionId }) => sessionId));
    after = records.at(-1);
    if (records.length < limit) break;
  }
  return ids;
};
