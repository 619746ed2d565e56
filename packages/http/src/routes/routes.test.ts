import { RefreshRefusedError } from '@pawl/core';
import { generateSigningKey, jwtAccessTokens } from '@pawl/core/jwt';
import { expect, test } from 'vitest';
import { type Browser, json, origin, request, setUp, told } from '../../test/fixture.ts';

const refreshCookie = ({ refresh }: Browser) => ({ cookie: `refresh_token=${refresh}`, origin });
const tokenIn = (cookies: readonly string[], name: string): string =>
  /=([^;]*)/.exec(cookies.find((one) => one.startsWith(`${name}=`)) ?? '')?.[1] ?? '';
const isCleared = (cookies: readonly string[]): boolean =>
  cookies.length === 2 && cookies.every((one) => /^\w+=; Max-Age=0; /.test(one));

test('refresh by cookie answers by cookie, by body in the body', async () => {
  const { send, browser, sessions, wait } = setUp();
  const ann = await browser('ann');
  // No access token is needed, nor looked at.
  const byCookie = await send('POST', '/auth/refresh', refreshCookie(ann));
  expect(byCookie).toMatchObject({ status: 200, body: { expires_in: expect.any(Number) } });
  expect(byCookie.body).not.toHaveProperty('refresh_token');
  expect(byCookie.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  const access = tokenIn(byCookie.cookies, 'access_token');
  expect(await sessions.verify(access)).toMatchObject({ userId: 'ann' });
  wait(61_000);
  const next = tokenIn(byCookie.cookies, 'refresh_token');
  const byBody = await send('POST', '/auth/refresh', ...json({ refresh_token: next }));
  expect(byBody).toMatchObject({ status: 200, cookies: [] });
  expect(byBody.body).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
});

test('A.17: missing 400, wrong media type 415, too long 413', async () => {
  const { send } = setUp();
  expect(await send('POST', '/auth/refresh')).toMatchObject({ status: 400 });
  expect(await send('POST', '/auth/refresh', ...json({}))).toMatchObject({ status: 400 });
  expect(await send('POST', '/auth/refresh', ...json({ refresh_token: '' }))).toMatchObject({
    status: 400,
  });
  expect(await send('POST', '/auth/refresh', ...json({ refresh_token: 1 }))).toMatchObject({
    status: 400,
  });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(await send('POST', '/auth/refresh', form, 'refresh_token=x')).toMatchObject({
    status: 415,
  });
  const long = json({ refresh_token: 'x'.repeat(8_192) });
  expect(await send('POST', '/auth/refresh', ...long)).toMatchObject({ status: 413 });
});

test('A.18: whatever is wrong with a refresh token is one answer, to the byte', async () => {
  let gone = false;
  const { send, browser, sessions, wait } = setUp(
    {},
    {
      preset: 'strict',
      authorizeRefresh: () => {
        if (gone) throw new RefreshRefusedError('the user is gone');
      },
    },
  );
  const answers: unknown[] = [];
  const refuse = async (refresh: string): Promise<void> => {
    for (const headers of [{ cookie: `refresh_token=${refresh}`, origin }]) {
      answers.push(told(await send('POST', '/auth/refresh', headers)));
    }
    answers.push(told(await send('POST', '/auth/refresh', ...json({ refresh_token: refresh }))));
  };
  await refuse('garbage');
  await refuse(
    (await setUp({}, { secrets: ['another root secret, of as many random bytes'] }).browser('ann'))
      .refresh,
  );
  await refuse((await setUp().browser('ann')).refresh);
  const access = await browser('ann');
  await refuse(access.access);
  const revoked = await browser('ann');
  await sessions.revoke(revoked.sessionId);
  await refuse(revoked.refresh);
  const used = await browser('ann');
  await sessions.refresh(used.refresh);
  await refuse(used.refresh);
  const refused = await browser('ann');
  gone = true;
  await refuse(refused.refresh);
  gone = false;
  // It consumed nothing.
  await sessions.refresh(refused.refresh);
  const idle = await browser('ann');
  wait(14 * 86_400_000);
  await refuse(idle.refresh);
  const outlived = await browser('ann');
  wait(31 * 86_400_000);
  await refuse(outlived.refresh);
  expect(answers).toHaveLength(18);
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({
    status: 401,
    cookies: [],
    body: { error: 'invalid_grant', message: 'the refresh token is not valid' },
  });
});

test('CK-06: two refresh cookies are the same 401, and an event', async () => {
  const { send, browser, events, store } = setUp();
  const { refresh } = await browser('ann');
  const calls = store.calls;
  const cookie = `refresh_token=${refresh}; refresh_token=${refresh}`;
  const response = await send('POST', '/auth/refresh', { cookie, origin });
  expect(response).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
  expect(events).toMatchObject([{ type: 'cookie.duplicated', cookie: 'refresh_token' }]);
  expect(store.calls).toBe(calls);
});

test('A.18: a store that fails is 503, the cookies stay, and the token still works', async () => {
  const { send, browser, store, events } = setUp();
  const ann = await browser('ann');
  store.down = true;
  const failed = await send('POST', '/auth/refresh', refreshCookie(ann));
  expect(failed).toMatchObject({ status: 503, cookies: [], body: { error: 'unavailable' } });
  expect(events).toMatchObject([{ type: 'request.failed' }]);
  store.down = false;
  expect(await send('POST', '/auth/refresh', refreshCookie(ann))).toMatchObject({ status: 200 });
});

test('A.19: the loser of a race gets the same successor', async () => {
  const { send, browser } = setUp();
  const ann = await browser('ann');
  const responses = await Promise.all(
    Array.from({ length: 16 }, () => send('POST', '/auth/refresh', refreshCookie(ann))),
  );
  const tokens = responses.map(({ cookies }) => tokenIn(cookies, 'refresh_token'));
  for (const { status } of responses) expect([200, 409]).toContain(status);
  expect(new Set(tokens.filter(Boolean)).size).toBe(1);
});

test('a straggler is told to come again: 409 with Retry-After, and its cookies stay', async () => {
  const { send, browser, sessions, wait } = setUp();
  const ann = await browser('ann');
  const next = await sessions.refresh(ann.refresh);
  await sessions.verify(next.accessToken);
  wait(30_000);
  expect(await send('POST', '/auth/refresh', refreshCookie(ann))).toMatchObject({
    status: 409,
    cookies: [],
    body: { error: 'retry' },
    headers: { 'retry-after': '1' },
  });
});

test('CSRF: refresh and logout by cookie have to come from here', async () => {
  const { send, browser, store } = setUp();
  const ann = await browser('ann');
  const cookie = ann.headers['cookie'] ?? '';
  const calls = store.calls;
  for (const headers of [
    { cookie },
    { cookie, origin: 'https://evil.example' },
    { cookie, 'sec-fetch-site': 'cross-site' },
  ]) {
    for (const path of ['/auth/refresh', '/auth/logout']) {
      expect(await send('POST', path, headers)).toMatchObject({ status: 403, cookies: [] });
    }
  }
  expect(store.calls).toBe(calls);
});

test('A.21: logout ends the session, clears both cookies, twice is fine', async () => {
  const { send, browser, sessions } = setUp();
  const ann = await browser('ann');
  for (const _ of [1, 2]) {
    const response = await send('POST', '/auth/logout', ann.headers);
    expect(response).toMatchObject({ status: 204, headers: { 'cache-control': 'no-store' } });
    expect(response).not.toHaveProperty('body');
    expect(isCleared(response.cookies)).toBe(true);
  }
  await expect(sessions.verify(ann.access)).rejects.toMatchObject({ reason: 'logout' });
});

test('A.21: by an expired access token, by a refresh token alone, in cookie, header or body', async () => {
  const { send, browser, sessions, wait } = setUp();
  const all = await Promise.all(Array.from({ length: 5 }, () => browser('ann')));
  const [a, b, c, d, e] = all as [Browser, Browser, Browser, Browser, Browser];
  wait(700_000);
  const statuses = [
    await send('POST', '/auth/logout', { cookie: `access_token=${a.access}`, origin }),
    await send('POST', '/auth/logout', { cookie: `refresh_token=${b.refresh}`, origin }),
    await send('POST', '/auth/logout', { authorization: `Bearer ${c.access}` }),
    await send('POST', '/auth/logout', { authorization: `Bearer ${d.refresh}` }),
    await send('POST', '/auth/logout', ...json({ refresh_token: e.refresh })),
  ].map(({ status }) => status);
  expect(statuses).toEqual([204, 204, 204, 204, 204]);
  expect(await sessions.list('ann')).toEqual([]);
});

test('logout without anything is fine; with garbage the cookies go, a header is told', async () => {
  const { send, store } = setUp();
  expect(await send('POST', '/auth/logout')).toMatchObject({ status: 204, cookies: [] });
  const garbage = await send('POST', '/auth/logout', { cookie: 'access_token=x', origin });
  expect(garbage.status).toBe(204);
  expect(isCleared(garbage.cookies)).toBe(true);
  for (const authorization of ['Bearer x', 'Basic x']) {
    expect(await send('POST', '/auth/logout', { authorization })).toMatchObject({ status: 401 });
  }
  const twice = await send('POST', '/auth/logout', {
    cookie: 'access_token=x; access_token=y',
    origin,
  });
  expect(twice.status).toBe(401);
  expect(isCleared(twice.cookies)).toBe(true);
  expect(store.calls).toBe(0);
});

test('logout: cookies of two sessions end both, a header decides alone', async () => {
  const { send, browser, sessions } = setUp();
  const [ann, bob, eve] = [await browser('ann'), await browser('bob'), await browser('eve')];
  const mixed = `access_token=${ann.access}; refresh_token=${bob.refresh}`;
  await send('POST', '/auth/logout', { cookie: mixed, authorization: `Bearer ${eve.access}` });
  expect([(await sessions.list('ann')).length, (await sessions.list('eve')).length]).toEqual([
    1, 0,
  ]);
  await send('POST', '/auth/logout', { cookie: mixed, origin });
  expect([await sessions.list('ann'), await sessions.list('bob')]).toEqual([[], []]);
});

test('A.21: a store that fails at logout is an error, with the cookies cleared', async () => {
  const { send, browser, store } = setUp();
  const ann = await browser('ann');
  store.down = true;
  const failed = await send('POST', '/auth/logout', ann.headers);
  expect(failed).toMatchObject({ status: 503, body: { error: 'unavailable' } });
  expect(isCleared(failed.cookies)).toBe(true);
});

test('CK-09: Clear-Site-Data, if asked for, wherever cookies are cleared', async () => {
  const { send, browser } = setUp({ clearSiteData: true });
  const ann = await browser('ann');
  expect((await send('POST', '/auth/logout')).headers).not.toHaveProperty('clear-site-data');
  expect((await send('POST', '/auth/logout', ann.headers)).headers).toMatchObject({
    'clear-site-data': '"cache", "cookies", "storage"',
  });
});

test('C.5: GET /session is 200, authenticated or not; a stale cookie is cleared; 503 where nobody knows', async () => {
  const { send, browser, sessions, store } = setUp();
  const ann = await browser('ann');
  expect(await send('GET', '/auth/session', ann.headers)).toMatchObject({
    status: 200,
    body: {
      authenticated: true,
      user_id: 'ann',
      organization_id: null,
      session: { id: ann.sessionId, expires_at: '2023-11-28T22:13:20.000Z' },
    },
  });
  expect(await send('GET', '/auth/session')).toMatchObject({
    status: 200,
    body: { authenticated: false },
    cookies: [],
  });
  expect(await send('GET', '/auth/session', { authorization: 'Bearer x' })).toMatchObject({
    status: 200,
    body: { authenticated: false },
  });
  await sessions.revoke(ann.sessionId);
  const stale = await send('GET', '/auth/session', ann.headers);
  expect(stale).toMatchObject({ status: 200, body: { authenticated: false } });
  expect(stale.cookies).toEqual(['access_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax']);
  store.down = true;
  expect(await send('GET', '/auth/session', ann.headers)).toMatchObject({
    status: 503,
    cookies: [],
  });
});

test('A.22: the user’s sessions, the current one marked, never a secret', async () => {
  const { send, browser, sessions, wait } = setUp();
  const first = await browser('ann');
  wait(1_000);
  const second = await browser('ann');
  await browser('bob');
  const revoked = await browser('ann');
  await sessions.revoke(revoked.sessionId);
  const { status, body, headers } = await send('GET', '/auth/sessions', first.headers);
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'cache-control': 'no-store' });
  expect(body).toMatchObject([
    { id: second.sessionId, current: false },
    { id: first.sessionId, current: true },
  ]);
  expect(Object.keys((body as object[])[0] ?? {})).toEqual([
    'id',
    'user_agent',
    'ip',
    'device_id',
    'label',
    'created_at',
    'last_active_at',
    'expires_at',
    'current',
  ]);
  expect(JSON.stringify(body)).not.toMatch(/pawl_|hash|salt/i);
});

test('A.22: an empty list is []: the session may end between the guard and the list', async () => {
  const { send, browser, sessions, store } = setUp();
  const ann = await browser('ann');
  store.before = async (verb) => {
    if (verb === 'list') await sessions.revoke(ann.sessionId);
  };
  expect(await send('GET', '/auth/sessions', ann.headers)).toMatchObject({ status: 200, body: [] });
});

test('A.23: 204 for one’s own, 404 for unknown and for someone else’s alike', async () => {
  const { send, browser, sessions } = setUp();
  const [ann, other, bob] = [await browser('ann'), await browser('ann'), await browser('bob')];
  const revoke = (id: string) => send('DELETE', `/auth/sessions/${id}`, ann.headers);
  expect(await revoke(other.sessionId)).toMatchObject({ status: 204, cookies: [] });
  const foreign = await revoke(bob.sessionId);
  expect(foreign).toMatchObject({ status: 404, body: { error: 'not_found' } });
  expect(told(await revoke('A'.repeat(24)))).toEqual(told(foreign));
  expect(told(await revoke('%00'))).toEqual(told(foreign));
  expect(await sessions.verify(bob.access)).toMatchObject({ userId: 'bob' });
  const own = await revoke(ann.sessionId);
  expect(own.status).toBe(204);
  expect(isCleared(own.cookies)).toBe(true);
});

test('A.23: DELETE /sessions ends all, or all others', async () => {
  const { send, browser, sessions } = setUp();
  const [ann] = [await browser('ann'), await browser('ann'), await browser('bob')];
  for (const query of ['?except=other', '?except=', '?expect=current', '?except=current&x=1']) {
    expect(await send('DELETE', `/auth/sessions${query}`, ann.headers)).toMatchObject({
      status: 400,
    });
  }
  expect(await sessions.list('ann')).toHaveLength(2);
  expect(await send('DELETE', '/auth/sessions?except=current', ann.headers)).toMatchObject({
    status: 204,
    cookies: [],
  });
  expect(await sessions.list('ann')).toMatchObject([{ sessionId: ann.sessionId }]);
  const all = await send('DELETE', '/auth/sessions', ann.headers);
  expect(all.status).toBe(204);
  expect(isCleared(all.cookies)).toBe(true);
  expect(await sessions.list('ann')).toEqual([]);
  expect(await sessions.list('bob')).toHaveLength(1);
});

test('sessions are managed by a live session alone: no API key, no revoked token', async () => {
  const { send, apiKeys, sessions } = setUp(
    {},
    {
      accessToken: jwtAccessTokens({ issuer: 'https://a.example', audience: 'a' }),
      revocationCheck: 'none',
    },
  );
  const { apiKey } = await apiKeys.create({ userId: 'ann', name: 'ci' });
  const { accessToken, sessionId } = await sessions.create({ userId: 'ann' });
  await sessions.revoke(sessionId);
  const routes = [
    ['GET', '/auth/sessions'],
    ['DELETE', '/auth/sessions'],
    ['DELETE', `/auth/sessions/${sessionId}`],
  ] as const;
  for (const [method, path] of routes) {
    const byKey = await send(method, path, { authorization: `Bearer ${apiKey}` });
    expect(byKey.status).toBe(403);
    const byToken = await send(method, path, { authorization: `Bearer ${accessToken}` });
    expect(byToken.status).toBe(401);
    expect((await send(method, path)).status).toBe(401);
  }
  expect(await send('GET', '/auth/session', { authorization: `Bearer ${apiKey}` })).toMatchObject({
    status: 200,
    body: { authenticated: false },
  });
});

test('a store that fails is 503 on every route that asks it', async () => {
  const { send, browser, store } = setUp();
  const ann = await browser('ann');
  const routes = [
    ['GET', '/auth/sessions', 'list'],
    ['DELETE', '/auth/sessions', 'revokeAll'],
    ['DELETE', `/auth/sessions/${ann.sessionId}`, 'revoke'],
    ['GET', '/auth/sessions', 'find'],
  ] as const;
  for (const [method, path, verb] of routes) {
    store.down = verb;
    expect(await send(method, path, ann.headers)).toMatchObject({ status: 503, cookies: [] });
  }
});

test('the key set of JWTs is public and may be cached; opaque tokens have none', async () => {
  const key = await generateSigningKey('ES256');
  const jwt = setUp(
    {},
    { accessToken: jwtAccessTokens({ issuer: 'https://a.example', audience: 'a', keys: [key] }) },
  );
  const published = await jwt.send('GET', '/.well-known/jwks.json');
  expect(published).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'public, max-age=300' },
    body: { keys: [{ kty: 'EC', kid: key.kid }] },
  });
  expect(JSON.stringify(published.body)).not.toContain('"d"');
  expect(await setUp().send('GET', '/.well-known/jwks.json')).toMatchObject({ body: { keys: [] } });
});

test('who manages sessions is looked up afresh, however stale a check may be elsewhere', async () => {
  const { send, browser, http, store } = setUp({}, { maxStaleness: 60_000 });
  const ann = await browser('ann');
  const guard = http.guard();
  await guard(request('GET', '/', ann.headers));
  const calls = store.calls;
  await guard(request('GET', '/', ann.headers));
  expect(store.calls).toBe(calls);
  await send('GET', '/auth/session', ann.headers);
  expect(store.calls).toBe(calls + 1);
});
