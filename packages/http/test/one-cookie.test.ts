import { expect, test } from 'vitest';
import { createHttp } from '../src/http.ts';
import type { HeaderValue } from '../src/request.ts';
import { origin, request, setUp } from './fixture.ts';

const page = { origin, 'x-bff': '1', 'sec-fetch-site': 'same-origin' };

const oneCookie = () =>
  setUp(
    { cookies: { mode: 'pair', refreshName: false, accessName: 'session' } },
    { accessTokenLifetime: Infinity },
  );

test('without a refresh cookie there is one cookie, set, read and cleared', async () => {
  const { browser, send } = oneCookie();
  const { headers } = await browser('ann');
  expect(headers['cookie']).toMatch(/^session=pawl_at_[\w-]+; $/);
  expect((await send('GET', '/auth/session', headers)).body).toMatchObject({ user_id: 'ann' });

  const logout = await send('POST', '/auth/logout', headers);
  expect(logout.status).toBe(204);
  expect(logout.cookies).toStrictEqual(['session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax']);
  expect((await send('GET', '/auth/session', headers)).body).toEqual({ authenticated: false });
});

test('without a refresh cookie a planted one is ignored', async () => {
  const { send, browser } = oneCookie();
  const { refresh } = await browser('ann');
  const cookie = `refresh_token=${refresh}`;
  expect((await send('POST', '/auth/refresh', { cookie, origin })).status).toBe(400);
  expect((await send('POST', '/auth/logout', { cookie, origin })).cookies).toEqual([]);
});

test.each<[string, string, Record<string, HeaderValue>, string | null]>([
  ['GET', 'the page itself', page, null],
  ['POST', 'the page itself', page, null],
  ['GET', 'no header', { ...page, 'x-bff': undefined }, 'missing_header'],
  ['POST', 'no header', { ...page, 'x-bff': undefined }, 'missing_header'],
  ['GET', 'another value', { ...page, 'x-bff': '0' }, 'missing_header'],
  ['GET', 'two values', { ...page, 'x-bff': ['1', '1'] }, 'missing_header'],
  ['GET', 'another site', { ...page, 'sec-fetch-site': 'cross-site' }, 'cross_site'],
  ['HEAD', 'no origin', { 'x-bff': '1' }, 'missing_origin'],
  ['GET', 'an upgrade', { origin, upgrade: 'WebSocket' }, null],
  [
    'GET',
    'an upgrade from another site',
    { origin: 'https://b.example', upgrade: 'websocket' },
    'origin',
  ],
  ['POST', 'an upgrade by POST', { origin, upgrade: 'websocket' }, 'missing_header'],
  ['GET', 'an upgrade to something else', { origin, upgrade: 'h2c' }, 'missing_header'],
])('a required header: %s, %s', async (method, _, headers, reason) => {
  const { http, browser, events } = setUp({
    requiredHeader: 'X-BFF',
    missingOrigin: 'deny',
  });
  const login = await http.login(request('POST', '/login', page), { userId: 'ann' });
  const cookie = login.cookies[0]?.split(';')[0];
  const outcome = await http.guard()(request(method, '/mine', { ...headers, cookie }));
  expect(outcome.kind).toBe(reason ? 'refused' : 'authenticated');
  expect(events.map((event) => 'reason' in event && event.reason)).toEqual(reason ? [reason] : []);
  const refusal = await http.checkOrigin(request(method, '/public', headers));
  expect(refusal?.status).toBe(reason ? 403 : undefined);
  await expect(browser('ann')).rejects.toMatchObject({ code: 'ERR_CSRF' });
});

test('an existing Http is returned unchanged', () => {
  const { http } = setUp();
  expect(createHttp(http)).toBe(http);
});
