import type { BindingSuite } from '../harness/binding-suite.ts';
import { newUser } from '../harness/service.ts';

/** Guards that let callers without a credential pass (C9). */
export const registerOptionalGuards = (suite: BindingSuite): void =>
  suite.group('optional guards', () => {
    suite.test(
      'C9: a caller without a credential is anonymous, one with a credential is known',
      async (t) => {
        const service = await t.serve();
        const user = newUser();
        t.same((await service.send('GET', '/anyone')).text, '{"user":null}');
        const known = await service.send('GET', '/anyone', await service.bearer(user));
        t.same(JSON.parse(known.text), { user });
        t.same(
          service.internals.auths.map((auth) => auth?.userId),
          [undefined, user],
        );
        const bad = { authorization: 'Bearer x' };
        t.isRefusal(await service.send('GET', '/anyone', bad), 401, 'invalid_token');
      },
    );

    suite.test('C9: a cookie of an ended session is cleared', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      await service.internals.sessions.revokeAll(user);
      const response = await browser.send('GET', '/anyone');
      t.same(response.text, '{"user":null}');
      t.same([response.status, response.cookies.length], [200, 1]);
      t.same(response.headers['cache-control'], 'no-store');
      t.same(await browser.accessToken(), undefined);
      t.same((await browser.refreshToken()) === undefined, false);
    });

    suite.test('a cookie with an expired access token is kept for the refresh', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      await service.internals.wait(600_000);
      const response = await browser.send('GET', '/anyone');
      t.same([response.text, response.cookies], ['{"user":null}', []]);
      t.hasStatus(await browser.send('POST', '/auth/refresh'), 200);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test('CK-04: a login that replaces a stale cookie sets it once', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      await service.internals.sessions.revokeAll(user);
      const response = await browser.send('POST', `/anyone/login?user=${user}`);
      t.hasStatus(response, 200);
      t.same(response.cookies.length, 2);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });
  });
