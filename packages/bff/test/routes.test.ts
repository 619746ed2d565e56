import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange } from './exchange.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await service.login();
});
afterAll(() => service.close());

const routes: [string, string][] = [
  ['GET', '/bff/session'],
  ['POST', '/bff/refresh'],
  ['POST', '/bff/logout'],
  ['GET', '/bff/sessions'],
  ['DELETE', '/bff/sessions'],
  ['DELETE', '/bff/sessions/x'],
  ['GET', '/mine'],
];

describe('C10, BFF-04: a request of the page', () => {
  it.each(routes)('%s %s without the header is 403', async (method, path) => {
    const { origin, browser } = service;
    const cookie = await browser.jar.getCookieString(origin);
    const page = { cookie, origin, 'sec-fetch-site': 'same-origin' };
    for (const headers of [page, { ...page, 'x-bff': '0' }, { ...page, 'x-bff': '' }]) {
      const answer = await exchange(`${origin}${path}`, { method, headers });
      expect(answer.status).toBe(403);
      expect(answer.json()).toMatchObject({ error: 'csrf_violation' });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  it.each(routes)(
    '%s %s from another origin is 403, with and without the header',
    async (method, path) => {
      const { origin, browser } = service;
      const cookie = await browser.jar.getCookieString(origin);
      for (const from of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { referer: 'https://evil.example/' },
        {},
      ]) {
        const headers = { cookie, 'x-bff': '1', ...from };
        const answer = await exchange(`${origin}${path}`, { method, headers });
        expect(answer.status).toBe(403);
      }
    },
  );

  it.each(routes.slice(0, 3))('%s %s: the same without a cookie', async (method, path) => {
    const { origin } = service;
    const headers = { 'sec-fetch-site': 'same-origin' };
    expect((await exchange(`${origin}${path}`, { method, headers })).status).toBe(403);
  });
});

describe('C5: GET /session', () => {
  const session = (headers: Record<string, string> = {}) =>
    service.browser.call(`${service.origin}/bff/session`, { headers });

  it('is 200 for everyone, and clears a stale cookie', async () => {
    const stranger = await session({ cookie: '' });
    expect([stranger.status, stranger.json()]).toEqual([200, { authenticated: false }]);
    expect(stranger.headers.getSetCookie()).toEqual([]);
    for (const cookie of ['session=x', 'session=a; session=b']) {
      const headers = { cookie, 'x-bff': '1', origin: service.origin };
      const stale = await exchange(`${service.origin}/bff/session`, { headers });
      expect([stale.status, stale.json()]).toEqual([200, { authenticated: false }]);
      expect(stale.headers.getSetCookie()[0]).toMatch(/^session=; Max-Age=0/);
    }
  });

  it('is 503 while the store is unavailable, and the cookie stays', async () => {
    service.breakStore((part) => part === 'sessions');
    const answer = await session();
    service.breakStore(null);
    expect(answer.status).toBe(503);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await session()).json()).toMatchObject({ authenticated: true });
  });
});

describe('C6, C8: POST /refresh', () => {
  const refresh = (headers: Record<string, string> = {}) =>
    service.browser.call(`${service.origin}/bff/refresh`, { method: 'POST', headers });

  it('is 401 without a session', async () => {
    expect((await refresh({ cookie: '' })).status).toBe(401);
    const { origin } = service;
    const headers = { cookie: 'session=x', 'x-bff': '1', origin };
    const bad = await exchange(`${origin}/bff/refresh`, { method: 'POST', headers });
    expect(bad.status).toBe(401);
    expect(bad.headers.getSetCookie()[0]).toMatch(/^session=; Max-Age=0/);
  });

  it('C6: refreshes once for parallel calls, and returns the new expiry', async () => {
    const { provider, pass } = service;
    const before = (await refresh()).json<{ expires_at: string }>();
    expect(provider.grants.get('refresh_token') ?? 0).toBe(0);
    pass(60_000);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh()));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      const { expires_at: at } = answer.json<{ expires_at: string }>();
      expect(Date.parse(at)).toBeGreaterThan(Date.parse(before.expires_at));
    }
    expect(provider.grants.get('refresh_token')).toBe(1);
  });

  it('is 503 while the provider is unavailable, if the token has expired', async () => {
    const { provider, pass } = service;
    pass(3_600_000);
    provider.trouble.push({ status: 503, body: '' });
    const answer = await refresh();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect((await refresh()).status).toBe(200);
  });
});

it('C17: sessions are listed and ended one by one', async () => {
  const { open, origin, login, browser, bff } = service;
  const other = await login(open());
  const list = (await browser.call(`${origin}/bff/sessions`)).json<{ id: string }[]>();
  expect(list.map(({ id }) => id)).toContain(other);
  const ended = await browser.call(`${origin}/bff/sessions/${other}`, { method: 'DELETE' });
  expect(ended.status).toBe(204);
  await expect(bff.sessions.get(other)).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' });
});

it('an update by the application cannot change the upstream part', async () => {
  const { bff, login } = service;
  const id = await login();
  const { upstream } = (await bff.sessions.get(id)).data;
  const updated = await bff.sessions.update(id, () => ({
    data: { app: { theme: 'dark' } } as never,
    claims: { role: 'admin' },
  }));
  expect(updated).toMatchObject({
    data: { app: { theme: 'dark' }, upstream },
    claims: { role: 'admin' },
  });
  await bff.upstream.getUpstreamToken(id);
});

it('C7: the onRequest hook can refuse a request that the guard allows', async () => {
  const seen: string[] = [];
  const strict = service.node({
    hooks: {
      onRequest: ({ userId }) => {
        seen.push(userId);
        throw new RangeError('not today');
      },
    },
  });
  const cookie = await service.browser.jar.getCookieString(service.origin);
  const request = {
    method: 'GET',
    path: '/',
    query: '',
    remoteAddress: undefined,
    header: (name: string) => ({ cookie, origin: service.origin, 'x-bff': '1' })[name as 'cookie'],
    body: async () => new Uint8Array(),
  };
  await expect(strict.http.guard()(request)).rejects.toThrow(RangeError);
  expect(seen).toEqual(['ann']);
});

it('C16: the OpenAPI document lists exactly the routes, with the cookie and the header', async () => {
  const { http } = service.bff;
  const document = http.openapi({ title: 'A BFF', version: '1' });
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
  const paths = document['paths'] as Record<string, Record<string, { parameters?: object[] }>>;
  const told = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const mounted = http.routes.map(({ method, path }) => `${method} ${path.replace(':id', '{id}')}`);
  expect(told.toSorted()).toEqual(mounted.toSorted());
  expect(document['components']).toMatchObject({
    securitySchemes: { session_cookie: { type: 'apiKey', in: 'cookie', name: 'session' } },
  });
  const header = expect.objectContaining({ name: 'X-BFF', in: 'header', required: true }) as object;
  for (const path of ['/bff/session', '/bff/sessions']) {
    expect(paths[path]?.['get']?.parameters).toContainEqual(header);
  }
  expect(paths['/bff/login']?.['get']?.parameters).not.toContainEqual(header);
});

it('BFF-02: no upstream token has ever reached the browser', async () => {
  const { browser, provider, events } = service;
  expect(provider.secrets.size).toBeGreaterThan(10);
  const everything = browser.seen.join('\n') + JSON.stringify(events);
  expect(browser.seen.length).toBeGreaterThan(50);
  for (const token of provider.secrets) expect(everything).not.toContain(token);
});
