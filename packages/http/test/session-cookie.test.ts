import { createSessions } from '@pawl/core';
import { describe, expect, test } from 'vitest';
import type { GuardOutcome } from '../src/guard.ts';
import type { HttpRequest } from '../src/request.ts';
import type { HttpResponse } from '../src/response.ts';
import { type Claims, type Data, json, origin, request, secret, setUp } from './fixture.ts';
import { createMemoryStore } from './memory-store.ts';

const rotateAfter = 600_000;
const cleared = 'session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax';

const tokensOf = (cookies: readonly string[] = []): string[] =>
  cookies.flatMap((one) => /^session=([^;]+)/.exec(one)?.[1] ?? []);

/** A service with the session cookie, and a browser that is logged in. */
const loggedIn = async () => {
  const setting = setUp({ cookies: { mode: 'session' } });
  const login = async (cookie?: string): Promise<string> => {
    const response = await setting.http.login(request('POST', '/login', { origin, cookie }), {
      userId: 'ann',
    });
    return `session=${tokensOf(response.cookies)[0]}`;
  };
  const guard = (cookie: string, headers = {}): Promise<GuardOutcome<Claims, Data>> =>
    setting.http.guard()(request('GET', '/mine?a=1', { cookie, ...headers }));
  return { ...setting, login, guard, cookie: await login() };
};

const refusal = (outcome: GuardOutcome<Claims, Data>): HttpResponse | null =>
  outcome.kind === 'refused' ? outcome.response : null;

const pendingOf = (outcome: GuardOutcome<Claims, Data>): string[] =>
  tokensOf(outcome.kind === 'authenticated' ? outcome.pending?.cookies : []);

describe('a guard rotates the session cookie', () => {
  test('once it is ten minutes old', async () => {
    const { guard, cookie, wait } = await loggedIn();
    wait(rotateAfter - 1);
    expect(await guard(cookie)).toMatchObject({ kind: 'authenticated', pending: null });
    wait(1);
    const [next] = pendingOf(await guard(cookie));
    expect(next).toMatch(/^pawl_rt_/);
    expect(await guard(`session=${next}`)).toMatchObject({ kind: 'authenticated', pending: null });
  });

  test.each([
    ['prefetch', { 'sec-purpose': 'prefetch' }],
    ['older prefetch', { purpose: 'prefetch' }],
    ['upgrade', { upgrade: 'websocket', origin }],
  ])('but not for a response that may lose it: %s', async (_, headers) => {
    const { guard, cookie, wait, store } = await loggedIn();
    wait(rotateAfter);
    expect(await guard(cookie, headers)).toMatchObject({ kind: 'authenticated', pending: null });
    store.down = 'rotate';
    expect(refusal(await guard(cookie))?.status).toBe(503);
  });

  test('RT-13: its cookie may leave until half of that time is over', async () => {
    const { guard, cookie, wait } = await loggedIn();
    wait(rotateAfter);
    const outcome = await guard(cookie);
    const pending = outcome.kind === 'authenticated' ? outcome.pending : null;
    wait(rotateAfter / 2);
    expect(pending?.mayLeave()).toBe(true);
    wait(1);
    expect(pending?.mayLeave()).toBe(false);
  });
});

describe('a refused cookie', () => {
  test('is cleared if its session has ended, but not if a login has replaced it', async () => {
    const { guard, cookie, login, sessions } = await loggedIn();
    const next = await login(cookie);
    expect(refusal(await guard(cookie))).toMatchObject({ status: 401, cookies: [] });
    await sessions.revokeAll('ann');
    expect(refusal(await guard(next))).toMatchObject({ status: 401, cookies: [cleared] });
  });

  test('is cleared if it was altered, but not if another node may know its root secret', async () => {
    const { guard, cookie } = await loggedIn();
    const altered = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`;
    expect(refusal(await guard(altered))).toMatchObject({ status: 401, cookies: [cleared] });
    const newer = createSessions({
      store: createMemoryStore(),
      secrets: ['the root secret that only the other node has: 0123456789', secret],
    });
    const { refreshToken } = await newer.create({ userId: 'ann' });
    expect(refusal(await guard(`session=${refreshToken}`))).toMatchObject({
      status: 401,
      cookies: [],
    });
  });

  test('of before a step-up stays: the browser has the newer one', async () => {
    const { guard, cookie, sessions, wait } = await loggedIn();
    const [session] = await sessions.list('ann');
    await sessions.elevate(session?.sessionId ?? '');
    expect(refusal(await guard(cookie))).toMatchObject({ status: 409, cookies: [] });
    wait(60_000);
    expect(refusal(await guard(cookie))).toMatchObject({ status: 401, cookies: [] });
  });
});

describe('a page load with a replaced cookie', () => {
  const replaced = async () => {
    const setting = await loggedIn();
    const [session] = await setting.sessions.list('ann');
    await setting.sessions.elevate(session?.sessionId ?? '');
    return setting;
  };
  const load = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };

  test('is sent to its own address once', async () => {
    const { guard, cookie } = await replaced();
    const outcome = await guard(cookie, load);
    expect(outcome).toMatchObject({
      kind: 'redirected',
      response: { status: 303, headers: { location: './mine?a=1', 'cache-control': 'no-store' } },
    });
    const marker = outcome.kind === 'redirected' ? outcome.response.cookies[0] : '';
    const again = await guard(`${cookie}; ${marker?.split(';')[0]}`, load);
    expect(refusal(again)?.status).toBe(409);
    expect(refusal(await guard(cookie, { 'sec-fetch-mode': 'cors' }))?.status).toBe(409);
  });

  test.each<[string, Partial<HttpRequest>, string]>([
    ['another host', { path: '//evil.example/a' }, './a?a=1'],
    ['a scheme', { path: '/javascript:alert(1)' }, './javascript:alert(1)?a=1'],
    ['a header', { path: '/a\r\nset-cookie: b' }, './a%0D%0Aset-cookie:%20b?a=1'],
    ['the root', { path: '/', query: '' }, './'],
  ])('is never sent to %s', async (_, target, location) => {
    const { http, cookie } = await replaced();
    const sent = { ...request('GET', '/mine?a=1', { cookie, ...load }), ...target };
    expect(await http.guard()(sent)).toMatchObject({ response: { headers: { location } } });
  });
});

describe('POST /refresh', () => {
  test('RT-13: sets no cookie if the presented token is new', async () => {
    const { send, cookie } = await loggedIn();
    const first = await send('POST', '/auth/refresh', { cookie, origin });
    const [next] = tokensOf(first.cookies);
    const settled = await send('POST', '/auth/refresh', { cookie: `session=${next}`, origin });
    expect(settled).toMatchObject({ status: 200, cookies: [] });
  });

  test('of a pair whose cookies belong to two sessions is refused', async () => {
    const { send, browser } = setUp();
    const [ann, eve] = [await browser('ann'), await browser('eve')];
    const cookie = `access_token=${ann.access}; refresh_token=${eve.refresh}`;
    const refused = await send('POST', '/auth/refresh', { cookie, origin });
    expect(refused).toMatchObject({ status: 401, cookies: [], body: { error: 'invalid_grant' } });
    const alone = { cookie: `refresh_token=${eve.refresh}`, origin };
    expect((await send('POST', '/auth/refresh', alone)).status).toBe(200);
  });

  test('in a body is for programs, beside the cookies of browsers', async () => {
    const { send, sessions } = await loggedIn();
    const { refreshToken } = await sessions.create({ userId: 'robot' });
    const response = await send('POST', '/auth/refresh', ...json({ refresh_token: refreshToken }));
    expect(response).toMatchObject({ status: 200, cookies: [], body: { token_type: 'Bearer' } });
  });
});
