import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { localOrigin, type Service } from '../harness/service.ts';

const from = (client: string): Record<string, string> => ({
  origin: localOrigin,
  'x-forwarded-for': client,
});

const trusting = { trustedProxies: ['127.0.0.1'] };

const signIn = (service: Service, client: string, password: string) =>
  service.send('POST', `/sign-in?password=${password}`, from(client));

/** Rate limits per client (B9, C11, PX-03). */
export const registerRateLimits = (suite: BindingSuite): void =>
  suite.group('rate limits', () => {
    suite.test('B9: a limit in front of the login counts every attempt once', async (t) => {
      const service = await t.serve({ http: trusting, rateLimits: {} });
      const right = await signIn(service, '203.0.113.7', 'right');
      t.hasStatus(right, 200);
      t.same([right.cookies.length, right.headers['x-ratelimit-remaining']], [2, '4']);
      for (const left of ['3', '2', '1', '0']) {
        const wrong = await signIn(service, '203.0.113.7', 'wrong');
        t.same([wrong.status, wrong.headers['x-ratelimit-remaining']], [401, left]);
      }
      const refused = await signIn(service, '203.0.113.7', 'right');
      t.isRefusal(refused, 429, 'rate_limited');
      t.same(refused.cookies, []);
      t.same(Number(refused.headers['retry-after']) >= 1, true);
      t.hasStatus(await signIn(service, '203.0.113.8', 'right'), 200, 'another client');
      const kinds = service.internals.events.map(({ type }) => type);
      t.same(kinds.filter((type) => type === 'rate.limited').length, 1);
    });

    suite.test('B9: a login without a limit in front is limited, too', async (t) => {
      const service = await t.serve({ http: trusting, rateLimits: {} });
      for (let i = 0; i < 5; i++) {
        t.hasStatus(await service.send('POST', '/login', from('203.0.113.7')), 200);
      }
      service.internals.store.calls = [];
      const refused = await service.send('POST', '/login', from('203.0.113.7'));
      t.isRefusal(refused, 429, 'rate_limited');
      t.same(service.internals.store.calls, ['rateLimits.consume'], 'the limiter runs first');
    });

    suite.test(
      'C11: every session route has a limit that applies before the body is read',
      async (t) => {
        const routes = { refresh: { limit: 1, burst: 1 } };
        const policy = { limit: 1, burst: 1 };
        const service = await t.serve({ http: trusting, rateLimits: { routes, policy } });
        for (const [method, path] of [
          ['POST', '/auth/refresh'],
          ['POST', '/auth/logout'],
          ['GET', '/auth/session'],
          ['GET', '/auth/sessions'],
          ['DELETE', '/auth/sessions'],
          ['DELETE', '/auth/sessions/x'],
        ] as const) {
          const first = await service.send(method, path, from('203.0.113.7'));
          t.same(first.status === 429, false, `${method} ${path}`);
          const { 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': left } = first.headers;
          t.same([limit, left], ['1', '0'], `${method} ${path}`);
          const sent = { ...from('203.0.113.7'), ...jsonHeaders };
          const again = await service.send(method, path, sent, method === 'POST' ? '{' : undefined);
          t.isRefusal(again, 429, 'rate_limited');
          t.same(again.headers['x-ratelimit-remaining'], '0');
        }
        t.hasStatus(await service.send('GET', '/.well-known/jwks.json'), 200);
        t.hasStatus(await service.send('GET', '/.well-known/jwks.json'), 200, 'has no limit');
      },
    );

    suite.test(
      'PX-03: IPv6 clients are limited by network, and the store sees no address',
      async (t) => {
        const routes = { login: { limit: 1, burst: 1 } };
        const service = await t.serve({ http: trusting, rateLimits: { routes } });
        service.internals.store.receivedArguments.length = 0;
        t.hasStatus(await signIn(service, '2001:db8:1:2::1', 'right'), 200);
        t.hasStatus(await signIn(service, '2001:db8:1:2:ffff::9', 'right'), 429, 'the same /64');
        t.hasStatus(await signIn(service, '2001:db8:1:3::1', 'right'), 200, 'another /64');
        t.hasStatus(await signIn(service, '::ffff:203.0.113.7', 'right'), 200);
        t.hasStatus(await signIn(service, '203.0.113.7', 'right'), 429, 'the same IPv4');
        const given = service.internals.store.receivedArguments.filter((text) =>
          text.includes('refillInterval'),
        );
        t.same(given.length, 5);
        t.same(
          given.some((text) => /2001|203\.0/.test(text)),
          false,
        );
      },
    );

    suite.test('an untrusted header does not give a client a new bucket', async (t) => {
      const service = await t.serve({ rateLimits: { routes: { login: { limit: 1, burst: 1 } } } });
      t.hasStatus(await signIn(service, '203.0.113.7', 'right'), 200);
      t.hasStatus(await signIn(service, '203.0.113.8', 'right'), 429);
    });

    suite.test(
      'FC-01: if the limiter fails, the request is 503 before anything else happens',
      async (t) => {
        const service = await t.serve({ http: trusting, rateLimits: {} });
        const browser = await service.login();
        service.internals.store.down = ['rateLimits.consume'];
        service.internals.store.calls = [];
        const responses = [
          await signIn(service, '203.0.113.7', 'right'),
          await browser.send('POST', '/login'),
          await browser.send('POST', '/auth/refresh'),
          await browser.send('GET', '/auth/session'),
        ];
        for (const response of responses) {
          t.isRefusal(response, 503, 'unavailable');
          t.same(response.cookies, []);
        }
        t.same(new Set(service.internals.store.calls), new Set(['rateLimits.consume']));
      },
    );

    suite.test('limits are configured by route name; false means no limit', async (t) => {
      const rateLimits = { routes: { session: false, logout: { limit: 1, burst: 1 } } } as const;
      const http = { ...trusting, authPath: '/users/me' };
      const service = await t.serve({ http, rateLimits });
      t.hasStatus(await service.send('POST', '/users/me/logout', from('203.0.113.7')), 204);
      t.hasStatus(await service.send('POST', '/users/me/logout', from('203.0.113.7')), 429);
      const { headers } = await service.send('GET', '/users/me/session', from('203.0.113.7'));
      t.same(headers['x-ratelimit-limit'], undefined);
    });
  });
