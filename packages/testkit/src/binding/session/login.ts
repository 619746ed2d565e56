import type { BindingSuite } from '../harness/binding-suite.ts';
import type { AccessTokenFormat } from '../harness/modes.ts';
import { jwtFormat } from '../harness/modes.ts';
import { newUser } from '../harness/service.ts';

/** The application's login route, through the binding. */
export const registerLogin = (suite: BindingSuite): void =>
  suite.group('login', () => {
    suite.test(
      'A13, A14: tokens are in cookies or in the body, and in both only on request',
      async (t) => {
        const service = await t.serve();
        const login = async (deliver: string) => {
          const { cookies, text, headers } = await service
            .browser()
            .send('POST', `/login${deliver}`);
          t.same([headers['cache-control'], headers['pragma']], ['no-store', 'no-cache']);
          return { cookies: cookies.length, body: JSON.parse(text) as Record<string, unknown> };
        };
        const inCookies = await login('');
        t.same(inCookies.cookies, 2);
        t.same(Object.keys(inCookies.body).toSorted(), ['expires_in', 'user']);
        const inBody = await login('?deliver=body');
        t.same(inBody.cookies, 0);
        const keys = ['access_token', 'expires_in', 'refresh_token', 'token_type', 'user'];
        t.same(Object.keys(inBody.body).toSorted(), keys);
        t.same(inBody.body['token_type'], 'Bearer');
        const inBoth = await login('?deliver=both');
        t.same([inBoth.cookies, Object.keys(inBoth.body).toSorted()], [2, keys]);
      },
    );

    suite.test('the device is read from the request', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const headers = {
        'user-agent': 'Mozilla/5.0 (a browser)',
        'x-forwarded-for': '198.51.100.1',
      };
      t.hasStatus(await service.browser().send('POST', `/login?user=${user}`, headers), 200);
      const [session] = await service.internals.sessions.list(user);
      t.same(session?.device, { userAgent: 'Mozilla/5.0 (a browser)', ip: '127.0.0.1' });
    });

    suite.test('C18, SE-03: a login ends the browser’s previous session', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      const planted = { authorization: `Bearer ${await browser.accessToken()}` };
      t.hasStatus(await service.send('GET', '/mine', planted), 200);
      t.hasStatus(await browser.send('POST', `/login?user=${newUser()}`), 200);
      t.isRefusal(await service.send('GET', '/mine', planted), 401, 'session_revoked');
      t.same(await service.internals.sessions.list(user), []);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test('C18: a login ends a previous session whose access token has expired', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      await service.internals.wait(3_600_000);
      t.hasStatus(await browser.send('POST', `/login?user=${newUser()}`), 200);
      t.same(await service.internals.sessions.list(user), []);
    });

    suite.test('SE-01: a token that was never issued is not adopted', async (t) => {
      const service = await t.serve();
      const token = `pawl_at_${'A'.repeat(104)}`;
      const browser = service.browser();
      const cookie = { cookie: `access_token=${token}; refresh_token=${token}` };
      t.hasStatus(await browser.send('POST', '/login', cookie), 200);
      t.same((await browser.accessToken()) === token, false);
    });

    suite.test(
      'A20: if the session cannot be stored, no token and no cookie is sent',
      async (t) => {
        const service = await t.serve();
        service.internals.store.down = ['sessions.create'];
        for (const deliver of ['cookies', 'body', 'both']) {
          const browser = service.browser();
          const response = await browser.send('POST', `/login?deliver=${deliver}`);
          t.isRefusal(response, 503, 'unavailable');
          t.same([response.cookies, await browser.cookieCount()], [[], 0]);
        }
      },
    );

    suite.test('A20: if signing fails, no session is left', async (t) => {
      const failing: AccessTokenFormat = (setting) => ({
        ...jwtFormat(setting),
        issue: async () => {
          throw new TypeError('the key is not available');
        },
      });
      const service = await t.serve({ mode: 'blocklist', core: { accessToken: failing } });
      const user = newUser();
      const response = await service.browser().send('POST', `/login?user=${user}`);
      t.hasStatus(response, 500);
      t.same([response.text, response.cookies], ['failed', []]);
      t.same(await service.internals.sessions.list(user), []);
    });

    suite.test('SE-08: a user has no more sessions than the limit allows', async (t) => {
      const evicting = await t.serve({ core: { limit: { max: 2, policy: 'evict_oldest' } } });
      const user = newUser();
      const first = await evicting.login(user);
      await evicting.internals.waitForStore(5);
      await evicting.login(user);
      await evicting.login(user);
      t.isRefusal(await first.send('GET', '/mine'), 401, 'session_revoked');
      const refusing = await t.serve({ core: { limit: { max: 1, policy: 'refuse' } } });
      const other = newUser();
      await refusing.login(other);
      const refused = await refusing.browser().send('POST', `/login?user=${other}`);
      t.isRefusal(refused, 409, 'session_limit');
      t.same(refused.cookies, []);
    });

    suite.test(
      'an invalid user id is an error of the application, and creates no session',
      async (t) => {
        const service = await t.serve();
        const response = await service.browser().send('POST', '/login?user=');
        t.same([response.status, response.text, response.cookies], [500, 'failed', []]);
        const [error] = service.internals.errors as { code?: string; argument?: string }[];
        t.same([error?.code, error?.argument], ['ERR_INPUT_INVALID', 'userId']);
      },
    );
  });
