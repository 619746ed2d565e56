import { StoreUnavailableError } from '@pawl/core';
import { type HttpError, isHttpError } from '@pawl/http';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import type { AuthOf } from '../src/index.ts';
import { listen, setUp } from './service.ts';

test('what a guard found is in c.var.auth, with the types of the application', async () => {
  const { app, pawl, sessions, apiKey } = await setUp();
  app.get('/mine', pawl.guard(), (c) => {
    expectTypeOf(c.var.auth.claims).toEqualTypeOf<{ admin?: boolean }>();
    expectTypeOf(c.var.auth.userId).toEqualTypeOf<string>();
    return c.json({ user: c.var.auth.userId, session: c.var.auth.sessionId });
  });
  app.get('/anyone', pawl.optionalGuard(), (c) => {
    expectTypeOf(c.var.auth).toBeNullable();
    return c.json({ user: c.var.auth?.userId ?? null });
  });
  await using server = await listen(app);
  const { accessToken, sessionId } = await sessions.create({ userId: 'ann' });
  const headers = { authorization: `Bearer ${accessToken}` };
  expect(JSON.parse((await server.send('GET', '/mine', headers)).text)).toEqual({
    user: 'ann',
    session: sessionId,
  });
  const robot = await server.send('GET', '/mine', { authorization: `Bearer ${apiKey}` });
  expect(JSON.parse(robot.text)).toEqual({ user: 'robot', session: null });
  expect((await server.send('GET', '/anyone')).text).toBe('{"user":null}');
  expect((await server.send('GET', '/anyone', headers)).text).toBe('{"user":"ann"}');
});

test('a refusal reaches onError as an HTTPException with the complete response', async () => {
  const { app, pawl, store, sessions } = await setUp();
  const seen: unknown[] = [];
  app.onError((error, c) => {
    seen.push(error);
    return error instanceof HTTPException ? error.getResponse() : c.text('mine', 500);
  });
  app.get('/mine', pawl.guard(), (c) => c.text('yours'));
  app.get('/bug', () => {
    throw new TypeError('a bug');
  });
  app.route('/', pawl.routes());
  await using server = await listen(app);

  const refused = await server.send('GET', '/mine');
  expect(refused).toMatchObject({
    status: 401,
    text: '{"error":"no_session","message":"authentication is required"}',
    headers: {
      'www-authenticate': 'Bearer',
      'cache-control': 'no-store',
      'content-type': 'application/json',
    },
  });
  expect(isHttpError((seen[0] as HTTPException).cause)).toBe(true);
  expect(((seen[0] as HTTPException).cause as HttpError).code).toBe('ERR_CREDENTIAL_MISSING');
  expect(await server.send('POST', '/auth/refresh')).toMatchObject({ status: 400 });
  expect(await server.send('GET', '/bug')).toMatchObject({ status: 500, text: 'mine' });
  const { accessToken } = await sessions.create({ userId: 'ann' });
  store.down = true;
  const failed = await server.send('GET', '/mine', { authorization: `Bearer ${accessToken}` });
  expect(failed).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect((seen.at(-1) as HTTPException).cause).toBeInstanceOf(StoreUnavailableError);
});

test('without an onError the response is the same', async () => {
  const { app, pawl } = await setUp();
  app.get('/mine', pawl.guard(), (c) => c.text('yours'));
  app.route('/', pawl.routes());
  await using server = await listen(app);
  expect(await server.send('GET', '/mine')).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Bearer', 'content-type': 'application/json' },
  });
  const browser = server.browser();
  await browser.send('POST', '/login');
  const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  expect(await browser.send('POST', '/auth/logout', evil)).toMatchObject({ status: 403 });
});

describe('errorHandler', () => {
  test('responds to an error of Pawl that a handler did not catch', async () => {
    const { app, pawl } = await setUp();
    app.onError(pawl.errorHandler());
    app.use((c, next) => {
      c.header('x-request-id', '7');
      return next();
    });
    app.get('/lookup', () => {
      throw new StoreUnavailableError();
    });
    app.get('/mine', pawl.guard(), (c) => c.text('yours'));
    await using server = await listen(app);
    expect(await server.send('GET', '/lookup')).toMatchObject({
      status: 503,
      headers: { 'x-request-id': '7', 'retry-after': '1' },
    });
    expect(await server.send('GET', '/mine')).toMatchObject({
      status: 401,
      headers: { 'x-request-id': '7', 'www-authenticate': 'Bearer' },
    });
  });

  test('does what Hono does with all other errors, unless it is given a handler for them', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    for (const [otherwise, teapot, bug] of [
      [undefined, { status: 418, text: 'short' }, { status: 500, text: 'Internal Server Error' }],
      [(_: Error, c: Context) => c.text('mine', 400), { status: 400 }, { text: 'mine' }],
    ] as const) {
      const { app, pawl } = await setUp();
      app.onError(pawl.errorHandler(otherwise));
      app.get('/teapot', () => {
        throw new HTTPException(418, { message: 'short' });
      });
      app.get('/bug', () => {
        throw new TypeError('a bug');
      });
      await using server = await listen(app);
      expect(await server.send('GET', '/teapot')).toMatchObject(teapot);
      expect(await server.send('GET', '/bug')).toMatchObject(bug);
    }
    expect(log.mock.calls).toEqual([[expect.any(TypeError)]]);
    log.mockRestore();
  });
});

test('auth returns what the guard found, and throws without one', async () => {
  const { app, pawl, apiKey } = await setUp();
  app.get('/forgotten', (c) => c.text(pawl.auth(c).userId));
  app.get('/mine', pawl.guard(), (c) => {
    expectTypeOf<AuthOf<typeof pawl>>().toEqualTypeOf<typeof c.var.auth>();
    expectTypeOf(pawl.auth(c)).toEqualTypeOf<typeof c.var.auth>();
    return c.text(pawl.auth(c).userId);
  });
  app.get('/anyone', pawl.optionalGuard(), (c) => c.text(pawl.authIfAny(c)?.userId ?? 'nobody'));
  app.onError(pawl.errorHandler((error, c) => c.text(error.message, 500)));
  await using server = await listen(app);
  expect(await server.send('GET', '/forgotten')).toMatchObject({
    status: 500,
    text: expect.stringContaining('guard') as string,
  });
  const headers = { authorization: `Bearer ${apiKey}` };
  expect((await server.send('GET', '/mine', headers)).text).toBe('robot');
  expect((await server.send('GET', '/anyone', headers)).text).toBe('robot');
  expect((await server.send('GET', '/anyone')).text).toBe('nobody');
});

test('a stale cookie is cleared behind an optional guard, but not one that a login has just set', async () => {
  const { app, pawl, sessions } = await setUp();
  app.use('/open/*', pawl.optionalGuard());
  app.get('/open/page', (c) => c.text('page'));
  app.get('/open/raw', () => new Response('raw'));
  app.post('/open/login', async (c) => c.json((await pawl.login(c, { userId: 'ann' })).body));
  await using server = await listen(app);
  for (const path of ['/open/page', '/open/raw']) {
    const browser = server.browser();
    await browser.send('POST', '/login?user=ann');
    await sessions.revokeAll('ann');
    const answer = await browser.send('GET', path);
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(await browser.cookie('access_token')).toBeUndefined();
    expect(await browser.cookie('refresh_token')).toBeDefined();
  }
  const browser = server.browser();
  await browser.send('POST', '/login?user=ann');
  await sessions.revokeAll('ann');
  const login = await browser.send('POST', '/open/login');
  // CK-04: one header line per cookie.
  expect(login.headers['set-cookie']).toHaveLength(2);
  expect(await sessions.verify((await browser.cookie('access_token')) ?? '')).toBeDefined();
});

test('a guard for a whole path, and a stricter one below it', async () => {
  const { app, pawl, sessions } = await setUp();
  app.use('/admin/*', pawl.guard({ allow: ({ claims }) => claims.admin === true }));
  app.post('/admin/fresh', pawl.guard({ maxAuthAge: 1_000 }), (c) => c.text('done'));
  await using server = await listen(app);
  const bearer = async (claims: { admin?: boolean }, authTime?: number) => {
    const request = { userId: 'ann', claims, ...(authTime !== undefined && { authTime }) };
    return { authorization: `Bearer ${(await sessions.create(request)).accessToken}` };
  };
  const send = async (headers: { authorization: string }) =>
    (await server.send('POST', '/admin/fresh', headers)).status;
  expect(await send(await bearer({}))).toBe(403);
  expect(await send(await bearer({ admin: true }))).toBe(200);
  expect(await send(await bearer({ admin: true }, Date.now() - 10_000))).toBe(401);
});
