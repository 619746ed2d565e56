import type { BindingSuite } from '../harness/binding-suite.ts';
import type { HttpResponse } from '../harness/exchange.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { localOrigin } from '../harness/service.ts';
import { serveSession } from './session-service.ts';

/** What an application and its middleware have set on a response stays, except what caches obey. */
export const registerCaching = (suite: BindingSuite): void =>
  suite.group('caching and middleware', () => {
    const cacheHeaders = ({ headers }: HttpResponse): unknown => [
      headers['cache-control'],
      headers['cdn-cache-control'],
    ];

    suite.test(
      'CK-08: a response with a cookie is no-store, whatever a handler says',
      async (t) => {
        for (const mode of ['session', 'pair'] as const) {
          const service = await t.serve({ http: { cookies: { mode } } });
          const browser = await service.login();
          const plain = await browser.send('GET', '/cached');
          t.same(cacheHeaders(plain), ['public, max-age=600', 'max-age=600']);
          const login = await browser.send('POST', '/cached/login');
          t.same(login.cookies.length, mode === 'pair' ? 2 : 1);
          t.same(cacheHeaders(login), ['no-store', undefined]);
        }
      },
    );

    suite.test('middleware that ran before keeps its headers and cookies', async (t) => {
      for (const mode of ['session', 'pair'] as const) {
        const service = await t.serve({
          mount: { touchResponses: true, parseBodies: true },
          http: { cookies: { mode } },
        });
        const own = mode === 'pair' ? 2 : 1;
        const browser = service.browser();
        const check = (response: HttpResponse, status: number, ours: number): void => {
          t.hasStatus(response, status);
          const lang = response.cookies.filter((one) => one.startsWith('lang=en'));
          t.same([lang.length, response.cookies.length], [1, 1 + ours], response.path);
          t.same(response.headers['x-middleware'], 'on', response.path);
          t.same(/Accept-Encoding/i.test(response.headers.vary ?? ''), true, response.path);
        };
        const login = await browser.send('POST', '/login');
        check(login, 200, own);
        t.same(login.headers['cache-control'], 'no-store');
        const refresh = await browser.send('POST', '/auth/refresh', jsonHeaders, '{}');
        check(refresh, 200, own);
        t.same(refresh.headers['cache-control'], 'no-store');
        check(await browser.send('GET', '/auth/session'), 200, 0);
        check(await browser.send('GET', '/auth/sessions'), 200, 0);
        const mine = await browser.send('GET', '/mine');
        check(mine, 200, 0);
        t.same(mine.headers['cache-control'], 'public, max-age=60');
        check(await browser.send('POST', '/elevate'), 200, own);
        check(await browser.send('POST', '/auth/logout'), 204, own);
        const refused = await service.send('GET', '/mine', { cookie: '' });
        t.isRefusal(refused, 401, 'no_session');
      }
    });

    suite.test('a route with a body works behind a parser', async (t) => {
      const service = await t.serve({ mount: { touchResponses: true, parseBodies: true } });
      const { refreshToken } = await service.internals.sessions.create({ userId: 'ann' });
      const body = JSON.stringify({ refresh_token: refreshToken });
      const headers = { ...jsonHeaders, origin: localOrigin };
      t.hasStatus(await service.send('POST', '/auth/refresh', headers, body), 200);
      t.hasStatus(await service.send('POST', '/auth/logout', headers, body), 204);
    });

    suite.test('a response that clears a cookie is no-store', async (t) => {
      const service = await serveSession(t, { mount: { touchResponses: true } });
      const browser = await service.login();
      await service.internals.sessions.revokeByToken(
        (await browser.cookieHeader('/')).split('session=')[1]?.split(';')[0] ?? '',
      );
      const response = await browser.send('GET', '/anyone');
      t.same([response.status, response.headers['cache-control']], [200, 'no-store']);
    });
  });
