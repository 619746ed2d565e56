import { CookieJar } from 'tough-cookie';
import { expect, test } from 'vitest';
import { type Claims, type Data, origin, request, setUp } from '../test/fixture.ts';
import type { LoginResponse } from './login.ts';
import type { HttpOptions } from './options.ts';
import type { Refusal } from './response.ts';

const post = request('POST', '/login', { origin });
const inCookies = (response: LoginResponse | Refusal): boolean => response.cookies.length > 0;

test('A13: cookies or body, both only if configured', async () => {
  const { http } = setUp();
  const cookies = await http.login(post, { userId: 'ann' });
  expect(cookies.body).toEqual({ expires_in: expect.any(Number) });
  expect(cookies.cookies).toHaveLength(2);
  const body = await http.login(post, { userId: 'ann' }, { deliver: 'body' });
  expect(body.cookies).toEqual([]);
  expect(body.body).toMatchObject({
    token_type: 'Bearer',
    access_token: expect.stringMatching(/^pawl_at_/),
    refresh_token: expect.stringMatching(/^pawl_rt_/),
  });
  const both = await http.login(post, { userId: 'ann' }, { deliver: 'both' });
  expect(inCookies(both) && 'access_token' in (both.body as object)).toBe(true);
});

test('A14: no response with a token or a cookie may be cached', async () => {
  const { http } = setUp();
  for (const deliver of ['cookies', 'body', 'both'] as const) {
    const { headers } = await http.login(post, { userId: 'ann' }, { deliver });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  }
});

test('A15, CK-02: the cookies in production, in a browser’s jar', async () => {
  const { http } = setUp({ origin: 'https://app.example.com' });
  const { cookies } = await http.login(
    request('POST', '/login', { 'sec-fetch-site': 'same-origin' }),
    {
      userId: 'ann',
    },
  );
  const jar = new CookieJar(undefined, { prefixSecurity: 'strict' });
  for (const cookie of cookies) await jar.setCookie(cookie, 'https://app.example.com/login');
  const at = async (path: string): Promise<string[]> =>
    (await jar.getCookies(`https://app.example.com${path}`)).map(({ key }) => key).sort();
  expect(await at('/anything')).toEqual(['__Host-access_token', '__Host-refresh_token']);
  expect(await jar.getCookies('http://app.example.com/auth/refresh')).toEqual([]);
  expect(await jar.getCookies('https://sub.app.example.com/auth/refresh')).toEqual([]);
  const [access, refresh] = await jar
    .getCookies('https://app.example.com/auth/refresh')
    .then((all) => all.sort((a, b) => a.key.localeCompare(b.key)));
  expect(access).toMatchObject({ httpOnly: true, secure: true, sameSite: 'lax', hostOnly: true });
  expect(refresh).toMatchObject({
    httpOnly: true,
    secure: true,
    sameSite: 'strict',
    maxAge: 2_592_000,
  });
});

test('SE-03, C18: a login revokes the session that the browser had, even another user’s', async () => {
  const { http, browser, sessions, coreEvents } = setUp();
  const planted = await browser('mallory');
  const [other] = [await browser('ann')];
  const login = await http.login(request('POST', '/login', planted.headers), { userId: 'ann' });
  expect(login.error).toBeUndefined();
  await expect(sessions.verify(planted.access)).rejects.toMatchObject({
    code: 'ERR_SESSION_REVOKED',
    reason: 'replaced',
  });
  // The session of another browser of the same user stays.
  expect(await sessions.verify(other.access)).toMatchObject({ userId: 'ann' });
  expect(coreEvents.some((event) => event.type === 'session.revoked')).toBe(true);
});

test('SE-03: also by a refresh cookie alone, or an expired access token', async () => {
  const { http, browser, sessions, wait } = setUp();
  const [one, two] = [await browser('ann'), await browser('ann')];
  wait(600_000);
  const cookies = [`refresh_token=${one.refresh}`, `access_token=${two.access}`];
  for (const cookie of cookies) {
    await http.login(request('POST', '/login', { cookie, origin }), { userId: 'ann' });
  }
  for (const { refresh } of [one, two]) {
    await expect(sessions.refresh(refresh)).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' });
  }
  expect(await sessions.list('ann')).toHaveLength(2);
});

test('SE-01: a cookie that Pawl never issued is neither adopted nor an obstacle', async () => {
  const { http, sessions } = setUp();
  const cookie = 'access_token=chosen-by-mallory; refresh_token=too';
  const login = await http.login(request('POST', '/login', { cookie, origin }), { userId: 'ann' });
  expect(login.error).toBeUndefined();
  expect(JSON.stringify(login.cookies)).not.toContain('mallory');
  expect(await sessions.list('ann')).toHaveLength(1);
});

test('a login that delivers in the body does not revoke the browser’s session', async () => {
  const { http, browser, sessions } = setUp();
  const ann = await browser('ann');
  await http.login(request('POST', '/login', ann.headers), { userId: 'ann' }, { deliver: 'body' });
  expect(await sessions.verify(ann.access)).toMatchObject({ userId: 'ann' });
});

test('CS-09: another site cannot log a user in by cookies', async () => {
  const { http, store } = setUp();
  for (const headers of [
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    const login = await http.login(request('POST', '/login', headers), { userId: 'mallory' });
    expect(login).toMatchObject({ status: 403, cookies: [], body: { error: 'csrf_violation' } });
  }
  expect(store.calls).toBe(0);
  const program = await http.login(
    request('POST', '/login'),
    { userId: 'ann' },
    { deliver: 'body' },
  );
  expect(program.status).toBe(200);
});

test('A20: a session that cannot be stored gives no token and no cookie', async () => {
  const { http, store } = setUp();
  store.down = 'create';
  for (const deliver of ['cookies', 'body', 'both'] as const) {
    const login = await http.login(post, { userId: 'ann' }, { deliver });
    expect(login).toMatchObject({ status: 503, cookies: [], body: { error: 'unavailable' } });
    expect(JSON.stringify(login.body)).not.toMatch(/pawl_/);
  }
});

test('A20: a login fails if the previous session cannot be revoked', async () => {
  const { http, browser, sessions, store } = setUp();
  const planted = await browser('mallory');
  store.down = 'revoke';
  const login = await http.login(request('POST', '/login', planted.headers), { userId: 'ann' });
  expect(login).toMatchObject({ status: 503, cookies: [] });
  store.down = false;
  expect(await sessions.list('ann')).toEqual([]);
});

test('CK-01, A20: a token that is too long for a cookie leaves no session', async () => {
  const options: Partial<HttpOptions<Claims, Data>> = {};
  const long = { issue: () => 'x'.repeat(5_000) };
  const { http, sessions } = setUp(options, {
    accessToken: () => ({
      opaque: false,
      ...long,
      hashFor: () => null,
      read: () => {
        throw new Error('not asked');
      },
      readIgnoringTime: () => {
        throw new Error('not asked');
      },
      jwks: async () => ({ keys: [] }),
    }),
  });
  await expect(http.login(post, { userId: 'ann' })).rejects.toMatchObject({
    code: 'ERR_INPUT_INVALID',
  });
  expect(await sessions.list('ann')).toEqual([]);
});

test('a session limit that refuses is 409; the session that a login replaces does not count', async () => {
  const refuse = setUp({}, { limit: { max: 1, policy: 'refuse' } });
  const ann = await refuse.browser('ann');
  expect(await refuse.http.login(post, { userId: 'ann' })).toMatchObject({
    status: 409,
    body: { error: 'session_limit' },
  });
  const again = await refuse.http.login(request('POST', '/login', ann.headers), { userId: 'ann' });
  expect(again.status).toBe(200);
});

test('the device comes from the request, unless the application says otherwise', async () => {
  const { http, sessions } = setUp();
  const headers = { origin, 'user-agent': 'A browser', 'x-forwarded-for': '198.51.100.1' };
  await http.login(request('POST', '/login', headers), { userId: 'ann' });
  await http.login(request('POST', '/login', headers), {
    userId: 'bob',
    device: { ip: '203.0.113.9', label: 'phone' },
  });
  expect((await sessions.list('ann'))[0]?.device).toEqual({
    userAgent: 'A browser',
    ip: '192.0.2.7',
  });
  expect((await sessions.list('bob'))[0]?.device).toEqual({
    userAgent: 'A browser',
    ip: '203.0.113.9',
    label: 'phone',
  });
  // Fields that are explicitly undefined come from the request.
  await http.login(request('POST', '/login', headers), {
    userId: 'cem',
    device: { userAgent: undefined, ip: undefined } as object,
  });
  expect((await sessions.list('cem'))[0]?.device).toEqual({
    userAgent: 'A browser',
    ip: '192.0.2.7',
  });
});

test('elevate delivers new credentials the way the old ones came, and the old ones no longer work', async () => {
  const { http, browser, sessions } = setUp();
  const ann = await browser('ann');
  const byCookie = await http.elevate(request('POST', '/', ann.headers), ann.sessionId, {
    amr: ['otp'],
  });
  expect(byCookie.cookies).toHaveLength(2);
  expect(byCookie.body).not.toHaveProperty('access_token');
  await expect(sessions.verify(ann.access)).rejects.toMatchObject({ code: 'ERR_TOKEN_INVALID' });
  if (byCookie.error) throw byCookie.error;
  const authorization = `Bearer ${byCookie.tokens.accessToken}`;
  const byHeader = await http.elevate(request('POST', '/', { authorization }), ann.sessionId);
  expect(byHeader.cookies).toEqual([]);
  expect(byHeader.body).toHaveProperty('access_token');
  await sessions.revoke(ann.sessionId);
  expect(await http.elevate(request('POST', '/', ann.headers), ann.sessionId)).toMatchObject({
    status: 401,
    cookies: [],
  });
});

test('checkOrigin, for the application’s own routes', async () => {
  const { http } = setUp();
  expect(await http.checkOrigin(request('GET', '/', {}))).toBeNull();
  expect(await http.checkOrigin(post)).toBeNull();
  expect(await http.checkOrigin(request('POST', '/', {}))).toBeNull();
  const evil = await http.checkOrigin(request('POST', '/', { origin: 'https://evil.example' }));
  expect(evil).toMatchObject({ status: 403 });
});
