import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { localOrigin } from '../harness/service.ts';

/** A service without sessions, which only issues access tokens (A1). */
export const registerAccessTokens = (suite: BindingSuite): void =>
  suite.group('access tokens alone', () => {
    suite.test('A1: a login issues an access token only and calls no store', async (t) => {
      const service = await t.serve({ mode: 'token' });
      const browser = service.browser();
      const login = await browser.send('POST', '/login?user=ann&admin=1');
      t.same([login.status, login.cookies.length], [200, 1]);
      t.same(Object.keys(JSON.parse(login.text) as object).toSorted(), ['expires_in', 'user']);
      t.same((await browser.send('GET', '/mine')).text, '{"user":"ann","session":null}');
      t.hasStatus(await browser.send('POST', '/mine'), 200);
      t.hasStatus(await browser.send('GET', '/admin'), 200);
      const inBody = await service.send('POST', '/login?deliver=body');
      const keys = Object.keys(JSON.parse(inBody.text) as object).toSorted();
      t.same([keys, inBody.cookies], [['access_token', 'expires_in', 'token_type', 'user'], []]);
      t.same(service.internals.store.calls, []);
    });

    suite.test('A1: the refresh and the session routes are 404', async (t) => {
      const service = await t.serve({ mode: 'token' });
      const browser = await service.login();
      t.hasStatus(await browser.send('POST', '/auth/refresh'), 404);
      const body = '{"refresh_token":"x"}';
      t.hasStatus(await service.send('POST', '/auth/refresh', jsonHeaders, body), 404);
      t.hasStatus(await browser.send('GET', '/auth/sessions'), 404);
      t.hasStatus(await browser.send('DELETE', '/auth/sessions'), 404);
    });

    suite.test('A11, A12: credentials are read as with sessions', async (t) => {
      const service = await t.serve({ mode: 'token' });
      const browser = await service.login();
      const good = await browser.accessToken();
      t.isRefusal(await service.send('GET', '/mine'), 401, 'no_session');
      t.isRefusal(
        await browser.send('GET', '/mine', { authorization: 'Bearer x' }),
        401,
        'invalid_token',
      );
      const tossed = { cookie: `access_token=${good}; access_token=x` };
      t.isRefusal(await service.send('GET', '/mine', tossed), 401, 'invalid_token');
      const { apiKey } = await service.internals.apiKeys.create({ userId: 'robot', name: 'ci' });
      t.hasStatus(await service.send('GET', '/mine', { authorization: `Bearer ${apiKey}` }), 200);
      await service.internals.wait(610_000);
      t.isRefusal(await browser.send('GET', '/mine'), 401, 'token_expired');
      t.same((await browser.send('GET', '/anyone')).text, '{"user":null}');
    });

    suite.test('CSRF is checked as with sessions', async (t) => {
      const service = await t.serve({ mode: 'token' });
      const browser = await service.login();
      const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      for (const path of ['/mine', '/login', '/auth/logout', '/bye']) {
        t.isRefusal(await browser.send('POST', path, evil), 403, 'csrf_violation');
      }
    });

    suite.test('a logout clears the cookie; the token is valid until it expires', async (t) => {
      const service = await t.serve({ mode: 'token' });
      const browser = await service.login();
      const bearer = { authorization: `Bearer ${await browser.accessToken()}` };
      t.hasStatus(await browser.send('POST', '/auth/logout'), 204);
      t.same(await browser.cookieCount(), 0);
      t.hasStatus(await service.send('GET', '/mine', bearer), 200);
      const none = await service.send('POST', '/auth/logout', { origin: localOrigin });
      t.same([none.status, none.cookies], [204, []]);
    });

    suite.test('GET /session returns the user', async (t) => {
      const service = await t.serve({ mode: 'token' });
      const browser = await service.login('ann');
      const { text } = await browser.send('GET', '/auth/session');
      const body = JSON.parse(text) as Record<string, unknown>;
      t.same([body['authenticated'], body['user_id'], body['session']], [true, 'ann', null]);
      t.same((await service.send('GET', '/auth/session')).text, '{"authenticated":false}');
    });
  });
