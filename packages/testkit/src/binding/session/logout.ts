import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { localOrigin, newUser } from '../harness/service.ts';

/** `POST /logout`, and the application's own logout route (A21). */
export const registerLogout = (suite: BindingSuite): void =>
  suite.group('logout', () => {
    for (const path of ['/auth/logout', '/bye']) {
      suite.test(`A21: ${path} ends the session and clears both cookies`, async (t) => {
        const service = await t.serve();
        const browser = await service.login();
        const bearer = { authorization: `Bearer ${await browser.accessToken()}` };
        const cookie = await browser.cookieHeader('/auth/refresh');
        const response = await browser.send('POST', path, { cookie });
        t.same([response.status, response.text], path === '/bye' ? [200, 'bye'] : [204, '']);
        t.same(response.headers['cache-control'], 'no-store');
        t.same([response.cookies.length, await browser.cookieCount()], [2, 0]);
        t.isRefusal(await service.send('GET', '/mine', bearer), 401, 'session_revoked');
        const again = await service.send('POST', path, { cookie, origin: localOrigin });
        t.same(
          [again.status, again.cookies.length],
          [path === '/bye' ? 200 : 204, 2],
          'a second logout succeeds, too',
        );
      });
    }

    suite.test('A6, A21: a logout accepts an expired access token', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const [browser, bearer] = [await service.login(user), await service.bearer(user)];
      await service.internals.wait(3_600_000);
      t.isRefusal(await service.send('GET', '/mine', bearer), 401, 'token_expired');
      t.hasStatus(await service.send('POST', '/auth/logout', bearer), 204);
      const cookie = `access_token=${await browser.accessToken()}`;
      t.hasStatus(await browser.send('POST', '/auth/logout', { cookie }), 204);
      t.same(await service.internals.sessions.list(user), []);
    });

    suite.test(
      'A21: a logout accepts a refresh token alone, from a cookie or a body',
      async (t) => {
        const service = await t.serve();
        const user = newUser();
        const browser = await service.login(user);
        const cookie = `refresh_token=${await browser.refreshToken()}`;
        t.hasStatus(await browser.send('POST', '/auth/logout', { cookie }), 204);
        const { refreshToken } = await service.internals.sessions.create({ userId: user });
        const body = JSON.stringify({ refresh_token: refreshToken });
        t.hasStatus(await service.send('POST', '/auth/logout', jsonHeaders, body), 204);
        t.same(await service.internals.sessions.list(user), []);
      },
    );

    suite.test(
      'the application’s logout reads the refresh token from a body, parsed or not',
      async (t) => {
        for (const parseBodies of [false, true]) {
          const service = await t.serve({ mount: { parseBodies } });
          const user = newUser();
          const { refreshToken } = await service.internals.sessions.create({ userId: user });
          const body = JSON.stringify({ refresh_token: refreshToken });
          t.hasStatus(await service.send('POST', '/bye', jsonHeaders, body), 200);
          t.same(await service.internals.sessions.list(user), []);
        }
      },
    );

    suite.test('C6: a logout without a credential does nothing', async (t) => {
      const service = await t.serve();
      const response = await service.send('POST', '/auth/logout');
      t.same([response.status, response.cookies], [204, []]);
    });

    suite.test('invalid cookies are cleared', async (t) => {
      const service = await t.serve();
      const headers = { cookie: 'access_token=x; refresh_token=y', origin: localOrigin };
      const response = await service.send('POST', '/auth/logout', headers);
      t.same([response.status, response.cookies.length], [204, 2]);
    });

    suite.test('an invalid bearer token is 401', async (t) => {
      const service = await t.serve();
      for (const authorization of ['Bearer x', 'DPoP x', '']) {
        t.isRefusal(
          await service.send('POST', '/auth/logout', { authorization }),
          401,
          'invalid_token',
        );
      }
    });

    suite.test('A21: if the store fails, the logout is 503 and clears the cookies', async (t) => {
      const service = await t.serve();
      for (const path of ['/auth/logout', '/bye']) {
        const user = newUser();
        const browser = await service.login(user);
        const bearer = { authorization: `Bearer ${await browser.accessToken()}` };
        service.internals.store.down = true;
        const response = await browser.send('POST', path);
        t.isRefusal(response, 503, 'unavailable');
        t.same([response.cookies.length, await browser.cookieCount()], [2, 0]);
        const program = await service.send('POST', path, bearer);
        t.isRefusal(program, 503, 'unavailable');
        t.same(program.cookies, []);
        service.internals.store.down = false;
        t.hasStatus(await service.send('GET', '/mine', bearer), 200);
      }
    });

    suite.test('CK-09: a logout can send Clear-Site-Data', async (t) => {
      const service = await t.serve({ http: { clearSiteData: true } });
      const browser = await service.login();
      const { headers } = await browser.send('POST', '/auth/logout');
      t.same(headers['clear-site-data'], '"cache", "cookies", "storage"');
    });
  });
