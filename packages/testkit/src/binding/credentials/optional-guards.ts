import type { BindingSuite } from '../harness/binding-suite.ts';
import { newUser } from '../harness/service.ts';

/** Guards that let anonymous callers pass (C9). */
export const registerOptionalGuards = (suite: BindingSuite): void =>
  suite.group('optional guards', () => {
    suite.test('C9: anonymous without a credential, known with one', async (t) => {
      const service = await t.serve();
      const user = newUser();
      t.same((await service.send('GET', '/anyone')).text, '{"user":null}');
      const known = await service.send('GET', '/anyone', await service.bearer(user));
      t.same(JSON.parse(known.text), { user });
      t.same(
        service.inside.seen.map((auth) => auth?.userId),
        [undefined, user],
      );
      const bad = { authorization: 'Bearer x' };
      t.refused(await service.send('GET', '/anyone', bad), 401, 'invalid_token');
    });

    suite.test('C9: a cookie whose session has ended is cleared', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      await service.inside.sessions.revokeAll(user);
      const answer = await browser.send('GET', '/anyone');
      t.same(answer.text, '{"user":null}');
      t.same([answer.status, answer.cookies.length], [200, 1]);
      t.same(answer.headers['cache-control'], 'no-store');
      t.same(await browser.access(), undefined);
      t.same((await browser.refresh()) === undefined, false);
    });

    suite.test('a cookie that has merely expired stays: a refresh has a use for it', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      await service.inside.wait(600_000);
      const answer = await browser.send('GET', '/anyone');
      t.same([answer.text, answer.cookies], ['{"user":null}', []]);
      t.status(await browser.send('POST', '/auth/refresh'), 200);
      t.status(await browser.send('GET', '/mine'), 200);
    });

    suite.test('CK-04: a stale cookie that a login replaces is set once', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      await service.inside.sessions.revokeAll(user);
      const answer = await browser.send('POST', `/anyone/login?user=${user}`);
      t.status(answer, 200);
      t.same(answer.cookies.length, 2);
      t.status(await browser.send('GET', '/mine'), 200);
    });
  });
