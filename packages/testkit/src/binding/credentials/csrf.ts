import type { BindingSuite } from '../harness/binding-suite.ts';
import { type OriginHeaders, verdicts } from './csrf-verdicts.ts';

/** Every route that relies on a cookie or sets one. */
const unsafe: readonly (readonly [method: string, path: string])[] = [
  ['POST', '/mine'],
  ['POST', '/auth/refresh'],
  ['POST', '/auth/logout'],
  ['DELETE', '/auth/sessions'],
  ['DELETE', '/auth/sessions/AAAAAAAAAAAAAAAAAAAAAAAA'],
  ['POST', '/login'],
  ['POST', '/anyone/login'],
  ['POST', '/elevate'],
  ['POST', '/bye'],
  ['POST', '/sign-up'],
];

/** Requests that another site makes the browser send (SECURITY § 7). */
export const registerCsrf = (suite: BindingSuite): void =>
  suite.group('csrf', () => {
    suite.test(
      'CS-01, CS-02: Sec-Fetch-Site decides, then Origin, then Referer; without all three it is no browser',
      async (t) => {
        const service = await t.serve();
        const cookie = await (await service.login()).cookieHeader('/mine');
        for (const [sent, trusted] of verdicts) {
          const response = await service.send('POST', '/mine', { ...sent, cookie });
          if (trusted) t.hasStatus(response, 200, JSON.stringify(sent));
          else t.isRefusal(response, 403, 'csrf_violation', JSON.stringify(sent));
          if (!trusted) t.same(response.headers.vary, 'Sec-Fetch-Site, Origin');
        }
      },
    );

    suite.test(
      'every route that relies on a cookie or sets one is checked before the store is called',
      async (t) => {
        const service = await t.serve();
        const browser = await service.login();
        service.internals.store.calls = [];
        service.internals.events.length = 0;
        const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
        for (const [method, path] of unsafe) {
          const response = await browser.send(method, path, evil);
          t.isRefusal(response, 403, 'csrf_violation', method);
          t.same(response.cookies, [], 'another site may not clear a cookie either');
        }
        t.same(service.internals.store.calls, []);
        const refusals = service.internals.events.filter(({ type }) => type === 'csrf.refused');
        t.same(refusals.length, unsafe.length);
        t.same(
          new Set(refusals.map((event) => 'reason' in event && event.reason)),
          new Set(['cross_site']),
        );
        t.hasStatus(await browser.send('GET', '/mine'), 200);
      },
    );

    suite.test('CS-03: Host and forwarding headers never make an origin trusted', async (t) => {
      const service = await t.serve();
      const cookie = await (await service.login()).cookieHeader('/mine');
      const origin = 'https://evil.example';
      for (const host of [
        { host: 'evil.example' },
        { 'x-forwarded-host': 'evil.example' },
        { forwarded: 'host=evil.example;proto=https' },
      ]) {
        const response = await service.send('POST', '/mine', { ...host, origin, cookie });
        t.isRefusal(response, 403, 'csrf_violation', JSON.stringify(host));
      }
    });

    suite.test('CS-04: no media type and no overriding method relaxes the check', async (t) => {
      const service = await t.serve({ mount: { parseBodies: true } });
      const cookie = await (await service.login()).cookieHeader('/mine');
      const origin = 'https://evil.example';
      const override = { 'x-http-method-override': 'GET', 'x-method-override': 'GET' };
      for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
        const headers = {
          'content-type': type,
          'content-length': '2',
          ...override,
          origin,
          cookie,
        };
        t.isRefusal(
          await service.send('POST', '/auth/logout', headers, '{}'),
          403,
          'csrf_violation',
          type,
        );
      }
      const response = await service.send('POST', '/mine', { ...override, origin, cookie });
      t.isRefusal(response, 403, 'csrf_violation');
    });

    suite.test('CS-05: requests that browsers send by themselves change nothing', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      for (const path of ['/auth/logout', '/auth/refresh', '/login', '/bye', '/elevate']) {
        for (const method of ['GET', 'HEAD']) {
          const { status, cookies } = await browser.send(method, path);
          t.same([status === 404 || status === 405, cookies], [true, []], `${method} ${path}`);
        }
      }
      const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      t.hasStatus(await browser.send('GET', '/mine', evil), 200, 'safe methods are not checked');
    });

    suite.test('a request with an Authorization header needs no check', async (t) => {
      const service = await t.serve();
      const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      const headers = { ...evil, ...(await service.bearer()) };
      t.hasStatus(await service.send('POST', '/mine', headers), 200);
      t.hasStatus(await service.send('POST', '/auth/logout', headers), 204);
    });

    suite.test(
      'other origins pass only if listed, and requests without origin headers unless denied',
      async (t) => {
        const http = { allowedOrigins: ['https://app.example'] };
        const service = await t.serve({ http });
        const cookie = await (await service.login()).cookieHeader('/mine');
        const send = async (headers: OriginHeaders): Promise<number> =>
          (await service.send('POST', '/mine', { ...headers, cookie })).status;
        t.same(await send({ origin: 'https://app.example' }), 200);
        t.same(await send({ origin: 'https://app.example:443' }), 200);
        t.same(await send({ origin: 'https://app.example', 'sec-fetch-site': 'same-site' }), 200);
        t.same(await send({ origin: 'https://app.example.evil.example' }), 403);
        t.same(await send({ origin: 'https://app.example:8443' }), 403);
        t.same(await send({}), 200);
        t.same(await send({ 'sec-fetch-site': 'cross-site' }), 403);
        const strict = await t.serve({ http: { missingOrigin: 'deny' } });
        const own = await (await strict.login()).cookieHeader('/mine');
        const refused = await strict.send('POST', '/mine', { cookie: own });
        t.isRefusal(refused, 403, 'csrf_violation');
        t.same(/missingOrigin/.test(refused.text), true, 'it names the option');
      },
    );

    suite.test('assertOrigin checks a sign-up without a session', async (t) => {
      const service = await t.serve();
      const evil = { origin: 'https://evil.example' };
      t.isRefusal(await service.send('POST', '/sign-up', evil), 403, 'csrf_violation');
      t.hasStatus(await service.send('POST', '/sign-up'), 200);
      t.same((await service.browser().send('POST', '/sign-up')).text, 'welcome');
    });
  });
