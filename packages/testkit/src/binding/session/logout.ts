import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { localOrigin, newUser } from '../harness/service.ts';

/** `POST /logout`, and the application's own (A21). */
export const registerLogout = (suite: BindingSuite): void =>
  suite.group('logout', () => {
    for (const path of ['/auth/logout', '/bye']) {
      suite.test(`A21: ${path} ends the session and clears both cookies`, async (t) => {
        const service = await t.serve();
        const browser = await service.login();
        const bearer = { authorization: `Bearer ${await browser.access()}` };
        const cookie = await browser.cookieHeader('/auth/refresh');
        const answer = await browser.send('POST', path, { cookie });
        t.same([answer.status, answer.text], path === '/bye' ? [200, 'bye'] : [204, '']);
        t.same(answer.headers['cache-control'], 'no-store');
        t.same([answer.cookies.length, await browser.count()], [2, 0]);
        t.refused(await service.send('GET', '/mine', bearer), 401, 'session_revoked');
        const again = await service.send('POST', path, { cookie, origin: localOrigin });
        t.same(
          [again.status, again.cookies.length],
          [path === '/bye' ? 200 : 204, 2],
          'twice is fine',
        );
      });
    }

    suite.test('A6, A21: an expired access token is enough', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const [browser, bearer] = [await service.login(user), await service.bearer(user)];
      await service.inside.wait(3_600_000);
      t.refused(await service.send('GET', '/mine', bearer), 401, 'token_expired');
      t.status(await service.send('POST', '/auth/logout', bearer), 204);
      const cookie = `access_token=${await browser.access()}`;
      t.status(await browser.send('POST', '/auth/logout', { cookie }), 204);
      t.same(await service.inside.sessions.list(user), []);
    });

    suite.test('A21: so is a refresh token alone, of a browser or of a program', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      const cookie = `refresh_token=${await browser.refresh()}`;
      t.status(await browser.send('POST', '/auth/logout', { cookie }), 204);
      const { refreshToken } = await service.inside.sessions.create({ userId: user });
      const body = JSON.stringify({ refresh_token: refreshToken });
      t.status(await service.send('POST', '/auth/logout', jsonHeaders, body), 204);
      t.same(await service.inside.sessions.list(user), []);
    });

    suite.test(
      'the application’s own logout takes a refresh token from a body, parsed or not',
      async (t) => {
        for (const parseBodies of [false, true]) {
          const service = await t.serve({ mount: { parseBodies } });
          const user = newUser();
          const { refreshToken } = await service.inside.sessions.create({ userId: user });
          const body = JSON.stringify({ refresh_token: refreshToken });
          t.status(await service.send('POST', '/bye', jsonHeaders, body), 200);
          t.same(await service.inside.sessions.list(user), []);
        }
      },
    );

    suite.test('C6: without any credential there is nothing to do', async (t) => {
      const service = await t.serve();
      const answer = await service.send('POST', '/auth/logout');
      t.same([answer.status, answer.cookies], [204, []]);
    });

    suite.test('cookies that are none of ours are cleared', async (t) => {
      const service = await t.serve();
      const headers = { cookie: 'access_token=x; refresh_token=y', origin: localOrigin };
      const answer = await service.send('POST', '/auth/logout', headers);
      t.same([answer.status, answer.cookies.length], [204, 2]);
    });

    suite.test('a bearer token that is none is told so', async (t) => {
      const service = await t.serve();
      for (const authorization of ['Bearer x', 'Basic x', '']) {
        t.refused(
          await service.send('POST', '/auth/logout', { authorization }),
          401,
          'invalid_token',
        );
      }
    });

    suite.test('A21: a store that fails is an error, with the cookies cleared', async (t) => {
      const service = await t.serve();
      for (const path of ['/auth/logout', '/bye']) {
        const user = newUser();
        const browser = await service.login(user);
        const bearer = { authorization: `Bearer ${await browser.access()}` };
        service.inside.store.down = true;
        const answer = await browser.send('POST', path);
        t.refused(answer, 503, 'unavailable');
        t.same([answer.cookies.length, await browser.count()], [2, 0]);
        const program = await service.send('POST', path, bearer);
        t.refused(program, 503, 'unavailable');
        t.same(program.cookies, []);
        service.inside.store.down = false;
        t.status(await service.send('GET', '/mine', bearer), 200);
      }
    });

    suite.test('CK-09: a browser can be told to forget everything', async (t) => {
      const service = await t.serve({ http: { clearSiteData: true } });
      const browser = await service.login();
      const { headers } = await browser.send('POST', '/auth/logout');
      t.same(headers['clear-site-data'], '"cache", "cookies", "storage"');
    });
  });
