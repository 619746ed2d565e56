import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { localOrigin, newUser } from '../harness/service.ts';
import { callsOf, serveSession, sessionToken } from './session-service.ts';

/** What a browser with the one session cookie can do, and what it costs. */
export const registerSessionCookie = (suite: BindingSuite): void =>
  suite.group('session cookie', () => {
    suite.test('CK-02: a login sets one cookie, which belongs to the host alone', async (t) => {
      const service = await serveSession(t, { http: { origin: 'https://app.example.com' } });
      const { cookies, text } = await service.browser().send('POST', '/login?user=ann');
      t.same(
        cookies.map((one) => one.replace(/=[^;]+; Max-Age=\d+/, '=…; Max-Age=…')),
        ['__Host-session=…; Max-Age=…; Path=/; HttpOnly; SameSite=Lax; Secure'],
      );
      t.same(Object.keys(JSON.parse(text) as object), ['user', 'expires_in']);
    });

    suite.test('guards, the session route and a logout need nothing but the cookie', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      t.hasStatus(await browser.send('GET', '/mine'), 200);
      const session = await browser.send('GET', '/auth/session');
      t.same((JSON.parse(session.text) as { authenticated: boolean }).authenticated, true);
      t.hasStatus(await browser.send('GET', '/auth/sessions'), 200);
      t.hasStatus(await browser.send('POST', '/auth/logout'), 204);
      t.same(await browser.cookieCount(), 0);
      t.isRefusal(await browser.send('GET', '/mine'), 401, 'no_session');
    });

    suite.test('a strict check is one store call', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      await browser.send('GET', '/mine');
      await service.internals.sessions.drain();
      service.internals.store.calls = [];
      t.hasStatus(await browser.send('GET', '/mine'), 200);
      t.same(service.internals.store.calls, ['sessions.find']);
    });

    suite.test('POST /refresh rotates the cookie at once, and returns no token', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      const before = await sessionToken(browser);
      const response = await browser.send('POST', '/auth/refresh');
      t.hasStatus(response, 200);
      t.same(Object.keys(JSON.parse(response.text) as object), ['expires_in']);
      t.same((await sessionToken(browser)) === before, false);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test('RT-13: a token that is exchanged for itself sets no cookie', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      t.same((await browser.send('POST', '/auth/refresh')).cookies.length, 1);
      const settled = await browser.send('POST', '/auth/refresh');
      t.hasStatus(settled, 200);
      t.same(settled.cookies, []);
    });

    suite.test('SE-03: a login ends the session that the browser had', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      const cookie = await browser.cookieHeader('/mine');
      t.hasStatus(await browser.send('POST', '/login'), 200);
      const old = await service.send('GET', '/mine', { cookie });
      t.isRefusal(old, 401, 'session_revoked');
      // The response may arrive after that of the login: it must not clear the new cookie.
      t.same(old.cookies, []);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test(
      'a step-up replaces the cookie; the replaced one is told to come back',
      async (t) => {
        const service = await serveSession(t);
        const browser = await service.login();
        const cookie = await browser.cookieHeader('/mine');
        t.same((await browser.send('POST', '/elevate')).cookies.length, 1);
        t.hasStatus(await browser.send('GET', '/mine'), 200);
        const late = await service.send('GET', '/mine', { cookie });
        t.isRefusal(late, 409, 'refresh_retry');
        t.same(late.cookies, []);
        t.hasStatus(await browser.send('GET', '/mine'), 200);
      },
    );

    suite.test('a page load with a replaced cookie is sent to its own address once', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      const cookie = await browser.cookieHeader('/mine');
      await browser.send('POST', '/elevate');
      await browser.send('GET', '/mine');
      const navigation = { cookie, 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };
      const first = await service.send('GET', '/mine?a=1&b=%2F', navigation);
      t.same([first.status, first.headers.location], [303, './mine?a=1&b=%2F']);
      t.same(first.headers['cache-control'], 'no-store');
      const marker = first.cookies.map((one) => one.split(';')[0]).join('; ');
      const again = { ...navigation, cookie: `${cookie}; ${marker}` };
      t.isRefusal(await service.send('GET', '/mine', again), 409, 'refresh_retry');
      const form = { ...navigation, 'sec-fetch-site': 'same-origin', origin: localOrigin };
      t.hasStatus(await service.send('POST', '/mine', form), 307);
    });

    suite.test('cookies and bodies side by side: each client has its own kind', async (t) => {
      const service = await serveSession(t);
      const user = newUser();
      const browser = await service.login(user);
      const program = await service.send('POST', `/login?user=${user}&deliver=body`, {
        origin: localOrigin,
      });
      t.same(program.cookies, []);
      const tokens = JSON.parse(program.text) as { access_token: string; refresh_token: string };
      const authorization = `Bearer ${tokens.access_token}`;
      t.hasStatus(await service.send('GET', '/mine', { authorization }), 200);
      const body = JSON.stringify({ refresh_token: tokens.refresh_token });
      const refreshed = await service.send('POST', '/auth/refresh', jsonHeaders, body);
      t.hasStatus(refreshed, 200);
      t.same(refreshed.cookies, []);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test('the token of a cookie is in no body, also if both are delivered', async (t) => {
      const service = await serveSession(t);
      const browser = service.browser();
      const { text } = await browser.send('POST', '/login?deliver=both');
      const names = Object.keys(JSON.parse(text) as object).toSorted();
      t.same(names, ['access_token', 'expires_in', 'token_type', 'user']);
    });

    suite.test('a session token is not accepted in a header, nor an access token', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      const token = (await sessionToken(browser)) ?? '';
      const header = { authorization: `Bearer ${token}` };
      t.isRefusal(await service.send('GET', '/mine', header), 401, 'invalid_token');
      const { authorization } = await service.bearer();
      const cookie = `session=${authorization.slice('Bearer '.length)}`;
      t.isRefusal(await service.send('GET', '/mine', { cookie }), 401, 'invalid_token');
    });

    suite.test('A9: a store that fails is 503, and the cookie stays', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      service.internals.store.down = true;
      for (const path of ['/mine', '/anyone', '/auth/session', '/auth/sessions']) {
        const response = await browser.send('GET', path);
        t.isRefusal(response, 503, 'unavailable');
        t.same(response.cookies, []);
      }
      service.internals.store.down = false;
      t.hasStatus(await browser.send('GET', '/mine'), 200);
      t.same(callsOf(service, 'sessions.rotate'), 0);
    });
  });
