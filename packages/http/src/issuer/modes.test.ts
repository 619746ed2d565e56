import { ConfigurationError, createSessions } from '@pawl/core';
import { createAccessTokens, jwtAccessTokens } from '@pawl/core/jwt';
import { describe, expect, test } from 'vitest';
import { setUpTokens } from '../../test/access-tokens.ts';
import { bearer, json, origin, request, secret, setUp, told } from '../../test/fixture.ts';
import { createMemoryStore } from '../../test/memory-store.ts';
import { createHttp } from '../http.ts';

const format = jwtAccessTokens({ issuer: 'https://a.example', audience: 'a' });
const accessTokens = createAccessTokens({ format, secrets: [secret] });
const memory = createMemoryStore();
const sessions = createSessions({ store: memory, secrets: [secret] });

describe('without sessions', () => {
  test('A1, A13: a login creates an access token only, in one cookie or in the body', async () => {
    const { login, http, send, store } = setUpTokens();
    const byCookie = await login({ claims: { admin: true } });
    const { accessToken } = (byCookie as { tokens: { accessToken: string } }).tokens;
    expect(told(byCookie)).toEqual({
      status: 200,
      headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
      cookies: [`access_token=${accessToken}; Max-Age=600; Path=/; HttpOnly; SameSite=Lax`],
      body: { expires_in: 600 },
    });
    expect(byCookie).toMatchObject({
      tokens: { userId: 'ann', sessionId: null, refreshToken: null, refreshTokenExpiresAt: null },
    });
    const inBody = await http.login(
      request('POST', '/login'),
      { userId: 'ann' },
      { deliver: 'body' },
    );
    expect(inBody).toMatchObject({ status: 200, cookies: [] });
    expect(Object.keys(inBody.body as object).toSorted()).toEqual([
      'access_token',
      'expires_in',
      'token_type',
    ]);
    expect(
      await http.guard({ allow: ({ claims }) => claims.admin === true })(
        request('GET', '/', { cookie: `access_token=${accessToken}` }),
      ),
    ).toMatchObject({ kind: 'authenticated', auth: { userId: 'ann', sessionId: null } });
    expect(await send('GET', '/auth/session', bearer(accessToken))).toMatchObject({
      status: 200,
      body: {
        authenticated: true,
        user_id: 'ann',
        expires_at: '2023-11-14T22:23:20.000Z',
        session: null,
      },
    });
    expect(store.calls).toBe(0);
  });

  test('A1: the session id in a token is ignored', async () => {
    const { http, send } = setUpTokens();
    const withSession = setUp({}, { accessToken: format });
    const { access } = await withSession.browser('ann');
    const outcome = await http.guard()(request('GET', '/', bearer(access)));
    expect(outcome).toMatchObject({ kind: 'authenticated', auth: { sessionId: null } });
    expect(await send('GET', '/auth/session', bearer(access))).toMatchObject({
      body: { authenticated: true, session: null },
    });
  });

  test('A1: refresh is always 404, and sessions cannot be listed', async () => {
    const { send, http } = setUpTokens();
    const plain = await send('POST', '/auth/refresh');
    expect(plain).toMatchObject({ status: 404, cookies: [], body: { error: 'not_found' } });
    expect(told(await send('POST', '/auth/refresh', { cookie: 'refresh_token=x' }))).toEqual(
      told(plain),
    );
    expect(told(await send('POST', '/auth/refresh', ...json({ refresh_token: 'x' })))).toEqual(
      told(plain),
    );
    expect(http.routes.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /auth/refresh',
      'POST /auth/logout',
      'GET /auth/session',
      'GET /.well-known/jwks.json',
    ]);
  });

  test('A11: an invalid token and an expired one have different codes', async () => {
    const { login, http, wait } = setUpTokens();
    const { tokens } = (await login()) as { tokens: { accessToken: string } };
    const guard = http.guard();
    expect(await guard(request('GET', '/', bearer('x.y.z')))).toMatchObject({
      response: { status: 401, body: { error: 'invalid_token' } },
    });
    wait(600_000);
    expect(await guard(request('GET', '/', bearer(tokens.accessToken)))).toMatchObject({
      response: { status: 401, body: { error: 'token_expired' } },
    });
  });

  test('a login with a field that requires a session is refused, without a token', async () => {
    const { login } = setUpTokens();
    for (const extra of [{ data: {} }, { idleTimeout: 60_000 }, { absoluteTimeout: 60_000 }]) {
      // The application's mistake, so it goes to the framework's error handler.
      await expect(login(extra)).rejects.toMatchObject({
        code: 'ERR_INPUT_INVALID',
        argument: Object.keys(extra)[0],
      });
    }
    expect(await login({ device: { label: 'phone' } })).toMatchObject({ status: 200 });
  });

  test('login CSRF is refused without sessions too', async () => {
    const { login } = setUpTokens();
    expect(await login({}, { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
  });

  test('logout clears the cookie; without a blocklist the token is valid until it expires', async () => {
    const { login, send, http } = setUpTokens();
    const { tokens } = (await login()) as { tokens: { accessToken: string } };
    const cookie = `access_token=${tokens.accessToken}`;
    for (const _ of [1, 2]) {
      expect(await send('POST', '/auth/logout', { cookie, origin })).toMatchObject({
        status: 204,
        cookies: ['access_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax'],
      });
    }
    const evil = { cookie, origin: 'https://evil.example' };
    expect(await send('POST', '/auth/logout', evil)).toMatchObject({ status: 403 });
    expect(await send('POST', '/auth/logout')).toMatchObject({ status: 204, cookies: [] });
    expect(await http.guard()(request('GET', '/', { cookie }))).toMatchObject({
      kind: 'authenticated',
    });
  });

  test('a step-up is a configuration error', async () => {
    const { http } = setUpTokens();
    await expect(http.elevate(request('POST', '/'), 'x')).rejects.toMatchObject({
      option: 'sessions',
    });
  });

  test('the key set is served', async () => {
    const { send } = setUpTokens();
    expect(await send('GET', '/.well-known/jwks.json')).toMatchObject({ body: { keys: [] } });
  });
});

describe('without sessions, with a blocklist', () => {
  test('B1, B2, B10: logout revokes the token, even an expired one, by cookie and by header', async () => {
    const { login, send, http, wait, blocklist } = setUpTokens({ checked: true });
    const guard = http.guard();
    const one = (await login()) as { tokens: { accessToken: string } };
    const two = (await login()) as { tokens: { accessToken: string } };
    const cookie = { cookie: `access_token=${one.tokens.accessToken}`, origin };
    for (const headers of [cookie, cookie, bearer(two.tokens.accessToken)]) {
      expect(await send('POST', '/auth/logout', headers)).toMatchObject({ status: 204 });
    }
    const refused = async (token: string): Promise<unknown> => {
      const outcome = await guard(request('GET', '/', bearer(token)));
      return outcome.kind === 'refused' && told(outcome.response);
    };
    const bad = await refused('x.y.z');
    expect(bad).toMatchObject({ status: 401 });
    expect(await refused(one.tokens.accessToken)).toEqual(bad);
    expect(await refused(two.tokens.accessToken)).toEqual(bad);
    const three = (await login()) as { tokens: { accessToken: string } };
    wait(600_000);
    expect(await send('POST', '/auth/logout', bearer(three.tokens.accessToken))).toMatchObject({
      status: 204,
    });
    expect(await blocklist.deleteExpired()).toBe(0);
  });

  test('B4: a failed check is 503, and so is a failed logout, with the cookie cleared', async () => {
    const { login, send, http, store } = setUpTokens({ checked: true });
    const { tokens } = (await login()) as { tokens: { accessToken: string } };
    const cookie = { cookie: `access_token=${tokens.accessToken}`, origin };
    store.down = true;
    expect(await http.guard()(request('GET', '/', cookie))).toMatchObject({
      response: { status: 503, body: { error: 'unavailable' }, cookies: [] },
    });
    expect(await http.optionalGuard()(request('GET', '/', cookie))).toMatchObject({
      response: { status: 503 },
    });
    expect(await send('GET', '/auth/session', cookie)).toMatchObject({ status: 503 });
    const failed = await send('POST', '/auth/logout', cookie);
    expect(failed).toMatchObject({ status: 503, body: { error: 'unavailable' } });
    expect(failed.cookies).toHaveLength(1);
    store.down = false;
    expect(await http.guard()(request('GET', '/', cookie))).toMatchObject({
      kind: 'authenticated',
    });
  });

  test('garbage in a header is refused, garbage in a cookie is cleared, both without a store call', async () => {
    const { send, store } = setUpTokens({ checked: true });
    expect(await send('POST', '/auth/logout', bearer('x.y.z'))).toMatchObject({ status: 401 });
    expect(await send('POST', '/auth/logout', { cookie: 'access_token=x', origin })).toMatchObject({
      status: 204,
    });
    expect(store.calls).toBe(0);
  });

  test('fixation: a login revokes the token that the browser had', async () => {
    const { login, http, store } = setUpTokens({ checked: true });
    const planted = (await login()) as { tokens: { accessToken: string } };
    const cookie = `access_token=${planted.tokens.accessToken}`;
    await login({}, { origin, cookie });
    expect(await http.guard()(request('GET', '/', { cookie }))).toMatchObject({
      kind: 'refused',
      response: { status: 401 },
    });
    store.down = true;
    expect(await login({}, { origin, cookie })).toMatchObject({ status: 503, cookies: [] });
  });

  test('A20: a cookie that cannot be written leaves no valid token', async () => {
    const { login, store } = setUpTokens({ checked: true });
    await expect(
      login({ claims: { long: 'x'.repeat(2_000) }, scope: 'x'.repeat(1_500) }),
    ).rejects.toMatchObject({ code: 'ERR_INPUT_INVALID' });
    expect(store.calls).toBe(1);
  });
});

test('B: sessions with a blocklist: a guard reads nothing else, and a failed logout is 503', async () => {
  let now = 1_700_000_000_000;
  const { blocklist } = createMemoryStore({ clock: () => now });
  let down = false;
  const { http, send, browser, store, wait } = setUp(
    {},
    {
      accessToken: format,
      revocationCheck: 'blocklist',
      blocklist: {
        blocklist: {
          isRevoked: (ids) => (down ? Promise.reject(new Error('down')) : blocklist.isRevoked(ids)),
          revoke: (id, end) =>
            down ? Promise.reject(new Error('down')) : blocklist.revoke(id, end),
          deleteExpired: () => blocklist.deleteExpired(),
        },
      },
    },
  );
  const ann = await browser('ann');
  const guard = http.guard();
  const calls = store.calls;
  expect(await guard(request('GET', '/', ann.headers))).toMatchObject({
    kind: 'authenticated',
    auth: { sessionId: ann.sessionId, session: null },
  });
  expect(store.calls).toBe(calls);
  down = true;
  expect(await guard(request('GET', '/', ann.headers))).toMatchObject({
    response: { status: 503 },
  });
  const failed = await send('POST', '/auth/logout', ann.headers);
  expect([failed.status, failed.cookies.length]).toEqual([503, 2]);
  down = false;
  expect(await guard(request('GET', '/', ann.headers))).toMatchObject({ kind: 'authenticated' });
  expect(await send('POST', '/auth/logout', ann.headers)).toMatchObject({ status: 204 });
  expect(await guard(request('GET', '/', ann.headers))).toMatchObject({
    response: { status: 401, body: { error: 'invalid_token' } },
  });
  wait(599_000);
  now += 599_000;
  expect(await guard(request('GET', '/', ann.headers))).toMatchObject({ kind: 'refused' });
});

test.each<[string, object]>([
  ['sessions', {}],
  ['sessions', { sessions: {} }],
  ['sessions', { sessions: accessTokens }],
  ['accessTokens', { sessions, accessTokens }],
  ['accessTokens', { accessTokens: sessions }],
  ['accessTokens', { accessTokens: null }],
  ['blocklist', { sessions, blocklist: memory }],
  ['blocklist', { accessTokens, blocklist: {} }],
  ['blocklist', { accessTokens, blocklist: memory.blocklist }],
  ['cookies.refreshName', { accessTokens, cookies: { refreshName: 'rt' } }],
  ['cookies.mode', { accessTokens, cookies: { mode: 'session' } }],
  ['cookies.mode', { accessTokens, cookies: { mode: 'pair' } }],
  ['cookies.mode', { sessions, cookies: { mode: 'token' } }],
])('A16: contradicting options name %s', (option, options) => {
  const make = () => createHttp({ origin, ...options });
  expect(make).toThrow(ConfigurationError);
  expect(make).toThrow(expect.objectContaining({ option }));
});

test('a guard with an option that requires sessions is refused too', () => {
  const { http } = setUpTokens();
  for (const [option, options] of [
    ['revocationCheck', { revocationCheck: 'blocklist' }],
    ['maxStaleness', { maxStaleness: 0 }],
  ] as const) {
    expect(() => http.guard(options)).toThrow(expect.objectContaining({ option }));
    expect(() => http.optionalGuard(options)).toThrow(expect.objectContaining({ option }));
  }
});
