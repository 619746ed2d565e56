import type { BindingSuite } from '../harness/binding-suite.ts';
import { newUser } from '../harness/service.ts';

const attributesOf = (cookies: readonly string[]): string[] =>
  cookies
    .map((cookie) => cookie.replace(/=[^;]*;/, '=…;').replace(/Max-Age=\d+/, 'Max-Age=…'))
    .toSorted();

const ageOf = (cookie: string = ''): number => Number(/Max-Age=(\d+)/.exec(cookie)?.[1]);

/** The form of the two cookies (SECURITY § 6). The cookies of every response of every test are checked, too. */
export const registerCookies = (suite: BindingSuite): void =>
  suite.group('cookies', () => {
    suite.test(
      'A15, CK-02: over https the cookies have a name prefix and are Secure',
      async (t) => {
        const service = await t.serve({ http: { origin: 'https://app.example.com' } });
        const browser = service.browser();
        const { cookies } = await browser.send('POST', '/login');
        t.same(attributesOf(cookies), [
          '__Host-access_token=…; Max-Age=…; Path=/; HttpOnly; SameSite=Lax; Secure',
          '__Host-refresh_token=…; Max-Age=…; Path=/; HttpOnly; SameSite=Strict; Secure',
        ]);
        t.hasStatus(await browser.send('POST', '/auth/refresh'), 200);
        t.hasStatus(await browser.send('GET', '/mine'), 200);
      },
    );

    suite.test('over http on localhost the cookies have plain names', async (t) => {
      const service = await t.serve();
      const { cookies } = await service.browser().send('POST', '/login');
      t.same(attributesOf(cookies), [
        'access_token=…; Max-Age=…; Path=/; HttpOnly; SameSite=Lax',
        'refresh_token=…; Max-Age=…; Path=/; HttpOnly; SameSite=Strict',
      ]);
    });

    suite.test('C3: configured names keep all attributes', async (t) => {
      const cookies = {
        mode: 'pair',
        accessName: 'a',
        refreshName: 'r',
        sameSite: 'None',
      } as const;
      const service = await t.serve({ http: { origin: 'https://app.example.com', cookies } });
      const browser = service.browser();
      const login = await browser.send('POST', '/login');
      t.same(attributesOf(login.cookies), [
        '__Host-a=…; Max-Age=…; Path=/; HttpOnly; SameSite=None; Secure',
        '__Host-r=…; Max-Age=…; Path=/; HttpOnly; SameSite=Strict; Secure',
      ]);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test('A15: the cookies live exactly as long as the session', async (t) => {
      const service = await t.serve({ core: { absoluteTimeout: 20 * 86_400_000 } });
      const browser = service.browser();
      const { cookies } = await browser.send('POST', '/login');
      for (const cookie of cookies) {
        t.same(Math.abs(ageOf(cookie) - 20 * 86_400) <= 2, true, `lives ${ageOf(cookie)} s`);
      }
      await service.internals.wait(86_400_000);
      const refreshed = await browser.send('POST', '/auth/refresh');
      for (const cookie of refreshed.cookies) {
        t.same(Math.abs(ageOf(cookie) - 19 * 86_400) <= 2, true, `then lives ${ageOf(cookie)} s`);
      }
    });

    suite.test('CK-07: no cookie lives longer than 400 days', async (t) => {
      const service = await t.serve({ core: { absoluteTimeout: 36_000 * 86_400_000 } });
      const { cookies } = await service.browser().send('POST', '/login');
      t.same(cookies.map(ageOf), [34_560_000, 34_560_000]);
    });

    suite.test('CK-07: a cleared cookie repeats the attributes', async (t) => {
      const service = await t.serve({ http: { origin: 'https://app.example.com' } });
      const browser = await service.login();
      const { cookies } = await browser.send('POST', '/auth/logout');
      t.same([...cookies].toSorted(), [
        '__Host-access_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure',
        '__Host-refresh_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure',
      ]);
      t.same(await browser.cookieCount(), 0);
    });

    suite.test('the refresh cookie of a pair is never sent from another site', async (t) => {
      const browser = await (await t.serve()).login();
      const sent = async (path: string, site: 'strict' | 'lax' | 'none') =>
        (await browser.cookieHeader(path, site))
          .split('; ')
          .filter(Boolean)
          .map((one) => one.split('=')[0]);
      t.same(await sent('/auth/refresh', 'strict'), ['access_token', 'refresh_token']);
      t.same(await sent('/auth/refresh', 'lax'), ['access_token']);
      t.same(await sent('/auth/refresh', 'none'), []);
    });

    suite.test(
      'CK-01: a login whose cookie is too large for browsers creates no session',
      async (t) => {
        const service = await t.serve({ mode: 'blocklist' });
        const user = newUser();
        const browser = service.browser();
        const response = await browser.send('POST', `/login?user=${user}&note=2000`);
        // The claims are the application's mistake, not the client's.
        t.same([response.status, response.text], [500, 'failed']);
        t.same(response.cookies, []);
        t.same(await service.internals.sessions.list(user), []);
      },
    );

    suite.test('with cookies off, no cookie is set or read', async (t) => {
      const service = await t.serve({ http: { cookies: false } });
      const { cookies, text } = await service.send('POST', '/login');
      t.same(cookies, []);
      const { access_token: token, refresh_token: refresh } = JSON.parse(text) as Record<
        string,
        string
      >;
      const cookie = { cookie: `access_token=${token}; refresh_token=${refresh}` };
      t.isRefusal(await service.send('GET', '/mine', cookie), 401, 'no_session');
      t.isRefusal(await service.send('POST', '/auth/refresh', cookie), 400, 'invalid_request');
      t.hasStatus(await service.send('GET', '/mine', { authorization: `Bearer ${token}` }), 200);
    });
  });
