import { ConfigurationError } from '@pawl/core';
import type { RateLimitStore } from '@pawl/core/store';
import { describe, expect, test } from 'vitest';
import { json, origin, request, type Setting, secret, setUp } from '../../test/fixture.ts';
import { createMemoryStore } from '../../test/memory-store.ts';
import type { HttpRequest } from '../request.ts';
import type { RateLimitOptions } from './options.ts';

/** Which calls the store received, and whether it fails. */
interface LimitRunner extends Setting {
  readonly limits: { keys: string[]; down: boolean };
}

const createLimitRunner = (
  options: Partial<RateLimitOptions> = {},
  http: Parameters<typeof setUp>[0] = {},
): LimitRunner => {
  let now = 1_700_000_000_000;
  const { rateLimits } = createMemoryStore({ clock: () => now });
  const limits = { keys: [] as string[], down: false };
  const watched: RateLimitStore = {
    consume: async (key, limit, callId) => {
      limits.keys.push(key);
      if (limits.down) throw new Error('connect ECONNREFUSED 10.0.0.5:6379');
      return rateLimits.consume(key, limit, callId);
    },
    deleteExpired: () => rateLimits.deleteExpired(),
  };
  const setting = setUp({
    rateLimits: { store: { rateLimits: watched }, secrets: [secret], ...options },
    ...http,
  });
  const wait = (ms: number): void => {
    now += ms;
    setting.wait(ms);
  };
  return { ...setting, wait, limits };
};

/** Sends until it is refused, and returns how often it was not. */
const sendUntilRefused = async (send: () => Promise<{ status: number }>): Promise<number> => {
  for (let i = 0; i < 50; i++) if ((await send()).status === 429) return i;
  return Number.POSITIVE_INFINITY;
};

const from = (remoteAddress: string | undefined, headers = {}): HttpRequest => ({
  ...request('POST', '/login', { origin, ...headers }),
  remoteAddress,
});

describe('routes', () => {
  test('C11: the eleventh request at once is refused, with Retry-After', async () => {
    const { send, events, wait } = createLimitRunner();
    for (let left = 9; left >= 0; left--) {
      const { status, headers } = await send('GET', '/auth/session');
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': `${left}`,
        'x-ratelimit-reset': `${10 - left}`,
        'ratelimit-policy': '"session";q=10;w=10',
        ratelimit: `"session";r=${left};t=${10 - left}`,
        'cache-control': 'no-store',
      });
      expect(headers).not.toHaveProperty('retry-after');
    }
    wait(1);
    const refused = await send('GET', '/auth/session');
    expect(refused).toMatchObject({
      status: 429,
      body: { error: 'rate_limited', message: expect.any(String) },
      headers: {
        'retry-after': '1',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '10',
        'cache-control': 'no-store',
      },
      cookies: [],
      error: { code: 'ERR_RATE_LIMITED' },
    });
    // LG-02.
    expect(events).toEqual([
      { type: 'rate.limited', route: 'session', client: '192.0.2.7', at: expect.any(Number) },
    ]);
    wait(998);
    expect((await send('GET', '/auth/session')).status).toBe(429);
    wait(1);
    expect((await send('GET', '/auth/session')).status).toBe(200);
    expect((await send('GET', '/auth/session')).status).toBe(429);
  });

  test('each has its own bucket, wherever it is mounted', async () => {
    const { send } = createLimitRunner(
      { routes: { refresh: { limit: 60, burst: 2 } } },
      { authPath: '/a/b' },
    );
    expect(await sendUntilRefused(() => send('POST', '/a/b/refresh'))).toBe(2);
    expect(await sendUntilRefused(() => send('GET', '/a/b/sessions'))).toBe(10);
    expect(await sendUntilRefused(() => send('DELETE', '/a/b/sessions'))).toBe(10);
    expect(await sendUntilRefused(() => send('DELETE', '/a/b/sessions/x'))).toBe(10);
    expect(await sendUntilRefused(() => send('DELETE', '/a/b/sessions/y'))).toBe(0);
  });

  test('may have no limit', async () => {
    const { send, limits } = createLimitRunner({ routes: { session: false } });
    const { headers } = await send('GET', '/auth/session');
    await send('GET', '/.well-known/jwks.json');
    expect(headers).not.toHaveProperty('x-ratelimit-limit');
    expect(limits.keys).toEqual([]);
  });

  test('B9: a refused request costs no session store call, and its body is not read', async () => {
    const { browser, send, http, store } = createLimitRunner({
      routes: { refresh: { limit: 1, burst: 1 } },
    });
    const { headers } = await browser('ann');
    await send('POST', '/auth/refresh', headers);
    store.calls = 0;
    const route = http.routes.find(({ name }) => name === 'refresh');
    const unreadable = {
      ...request('POST', '/auth/refresh', json({})[0]),
      body: () => Promise.reject(new Error('read')),
    };
    expect(await route?.handle(unreadable, {})).toMatchObject({ status: 429, cookies: [] });
    expect((await send('POST', '/auth/refresh', headers)).status).toBe(429);
    expect(store.calls).toBe(0);
  });

  test('FC-01: a failed limiter is 503, makes no session store call and revokes no session', async () => {
    const { send, browser, limits, store, events } = createLimitRunner();
    const { headers } = await browser('ann');
    limits.down = true;
    store.calls = 0;
    for (const [method, path] of [
      ['POST', '/auth/refresh'],
      ['POST', '/auth/logout'],
      ['GET', '/auth/session'],
    ] as const) {
      const answer = await send(method, path, headers);
      expect(answer).toMatchObject({ status: 503, body: { error: 'unavailable' }, cookies: [] });
    }
    expect(store.calls).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(Array(3).fill('request.failed'));
    limits.down = false;
    expect((await send('POST', '/auth/refresh', headers)).status).toBe(200);
  });

  test('without the option nothing is counted and no header is sent', async () => {
    const { send, http } = setUp();
    expect(await sendUntilRefused(() => send('GET', '/auth/session'))).toBe(Infinity);
    expect((await send('GET', '/auth/session')).headers).not.toHaveProperty('x-ratelimit-limit');
    expect(() => http.rateLimit('login')).toThrow(ConfigurationError);
  });
});

describe('clients', () => {
  const login = { routes: { login: { limit: 60, burst: 2 } } };
  const proxied = { trustedProxies: ['10.0.0.0/8'] };
  const loginsOf = (setting: LimitRunner, request: () => HttpRequest): Promise<number> =>
    sendUntilRefused(() => setting.http.login(request(), { userId: 'ann' }));

  test('are distinguished by the address that the trusted proxy names', async () => {
    const setting = createLimitRunner(login, proxied);
    const via = (client: string, peer = '10.0.0.1'): HttpRequest =>
      from(peer, { 'x-forwarded-for': client });
    expect(await loginsOf(setting, () => via('203.0.113.7'))).toBe(2);
    expect(await loginsOf(setting, () => via('198.51.100.9, 203.0.113.7'))).toBe(0);
    expect(await loginsOf(setting, () => via('203.0.113.8'))).toBe(2);
    // A client without a proxy is counted by its own address, whatever its headers claim.
    let claimed = 0;
    expect(await loginsOf(setting, () => via(`203.0.113.${claimed++}`, '192.0.2.1'))).toBe(2);
  });

  test('PX-03: share a bucket with their /64 network', async () => {
    const setting = createLimitRunner(login);
    let host = 0;
    expect(await loginsOf(setting, () => from(`2001:db8::${host++}`))).toBe(2);
    expect(await loginsOf(setting, () => from('2001:db8:0:1::1'))).toBe(2);
  });

  test('without a known address share a bucket', async () => {
    const setting = createLimitRunner(login);
    expect(await loginsOf(setting, () => from(undefined))).toBe(2);
    expect(await loginsOf(setting, () => from('/run/socket'))).toBe(0);
    expect(setting.events.at(-1)).toMatchObject({ type: 'rate.limited', client: 'unknown' });
    const told = setting.events.filter(({ type }) => type === 'address.unknown');
    expect(told).toMatchObject([{ route: expect.any(String) as string }]);
  });

  test('PX-03: are stored as keyed hashes only', async () => {
    const { send, limits } = createLimitRunner();
    await send('GET', '/auth/session');
    expect(limits.keys).toEqual([expect.stringMatching(/^[\w-]{24}$/)]);
  });

  test('the device of a login has the same address', async () => {
    const { http, sessions } = createLimitRunner({}, proxied);
    const request = from('::ffff:10.0.0.1', { 'x-forwarded-for': '198.51.100.9, 2001:DB8::7' });
    await http.login(request, { userId: 'ann' });
    expect((await sessions.list('ann'))[0]?.device.ip).toBe('2001:db8::7');
    await http.login(from('fe80::1%eth0'), { userId: 'bob' });
    expect((await sessions.list('bob'))[0]?.device.ip).toBeUndefined();
  });
});

describe('login', () => {
  test('B9: has a limit, before there is a session', async () => {
    const { http, store, limits } = createLimitRunner();
    const login = () => http.login(from('192.0.2.1'), { userId: 'ann' });
    const first = await login();
    expect(first).toMatchObject({ status: 200, headers: { 'x-ratelimit-remaining': '4' } });
    expect(await sendUntilRefused(login)).toBe(4);
    store.calls = 0;
    expect(await login()).toMatchObject({ status: 429, error: { code: 'ERR_RATE_LIMITED' } });
    limits.down = true;
    expect(await login()).toMatchObject({ status: 503, cookies: [] });
    expect(store.calls).toBe(0);
  });

  test('is counted once if the password check was limited before', async () => {
    const { http, limits } = createLimitRunner();
    const limit = http.rateLimit('login');
    // The framework's own request. Each view of it is a new object.
    const source = {};
    const view = (): HttpRequest => ({ ...from('192.0.2.1'), source });
    const outcome = await limit(view());
    expect(outcome).toMatchObject({ kind: 'passed', headers: { 'x-ratelimit-remaining': '4' } });
    const response = await http.login(view(), { userId: 'ann' });
    expect(response.headers).toMatchObject({ 'x-ratelimit-remaining': '4' });
    expect(limits.keys).toHaveLength(1);
    // Another request of the same client is counted again.
    expect(await limit(from('192.0.2.1'))).toMatchObject({
      headers: { 'x-ratelimit-remaining': '3' },
    });
  });

  test('wrong passwords count', async () => {
    const { http } = createLimitRunner();
    const limit = http.rateLimit('login');
    for (let i = 0; i < 5; i++) await limit(from('192.0.2.1'));
    expect(await limit(from('192.0.2.1'))).toMatchObject({
      kind: 'refused',
      response: { status: 429, headers: { 'retry-after': '6' } },
    });
    expect(await http.login(from('192.0.2.1'), { userId: 'ann' })).toMatchObject({ status: 429 });
  });

  test('may have no limit', async () => {
    const { http, limits } = createLimitRunner({ routes: { login: false } });
    expect(await http.rateLimit('login')(from('192.0.2.1'))).toEqual({
      kind: 'passed',
      headers: {},
    });
    await http.login(from('192.0.2.1'), { userId: 'ann' });
    expect(limits.keys).toEqual([]);
  });
});

describe('a limit of your own', () => {
  const passes = async (check: (request: HttpRequest) => Promise<{ kind: string }>) =>
    (await check(from('192.0.2.1'))).kind === 'passed';

  test('has its own bucket and may have its own policy', async () => {
    const { http } = createLimitRunner();
    const signUp = http.rateLimit('sign-up', { limit: 5, burst: 1, period: 3_600_000 });
    expect([await passes(signUp), await passes(signUp)]).toEqual([true, false]);
    expect(await passes(http.rateLimit('reset'))).toBe(true);
    expect(await signUp(from('192.0.2.1'))).toMatchObject({
      response: { headers: { 'retry-after': '720', 'ratelimit-policy': '"sign-up";q=1;w=720' } },
    });
  });

  test('counts in addition to the limit of login, for the same request', async () => {
    const { http } = createLimitRunner();
    const sent = from('192.0.2.1');
    await http.rateLimit('login')(sent);
    expect(await http.rateLimit('by-network', { limit: 9, burst: 9 })(sent)).toMatchObject({
      headers: { 'x-ratelimit-limit': '9', 'x-ratelimit-remaining': '8' },
    });
  });

  test('is refused if it is invalid', () => {
    const { http } = createLimitRunner();
    for (const name of ['', '"', 'a b', 'é', 'x'.repeat(65)]) {
      expect(() => http.rateLimit(name)).toThrow(/^name:/);
    }
    expect(() => http.rateLimit('sign-up', { limit: 0, burst: 1 })).toThrow(/^policy.limit:/);
  });
});

test.each(['refesh', '/auth/refresh', 'sign-up'])('a policy for the unknown route %s', (name) => {
  expect(() => createLimitRunner({ routes: { [name]: false } })).toThrow(
    `rateLimits.routes.${name}: `,
  );
});

test('a limit requires a store and secrets', () => {
  const { rateLimits } = createMemoryStore();
  expect(() => createLimitRunner({ secrets: [] })).toThrow(/^secrets:/);
  expect(() => createLimitRunner({ store: {} as { rateLimits: typeof rateLimits } })).toThrow(
    /^store:/,
  );
});
