import { expect, test } from 'vitest';
import { origin, request, setUp } from './fixture.ts';

const rotateAfter = 600_000;
const cleared = 'session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax';

/** A service whose only cookie was an access token that lives as long as its session. */
const upgraded = async () => {
  const setting = setUp({ cookies: { mode: 'session' } }, { accessTokenLifetime: Infinity });
  const first = await setting.sessions.create({ userId: 'ann' });
  const headers = { cookie: `session=${first.accessToken}`, origin };
  const guard = (cookie: string, options = {}) =>
    setting.http.guard(options)(request('GET', '/mine', { cookie, origin }));
  return { ...setting, first, headers, guard };
};

test('an access token in the session cookie works until its session ends, and stays', async () => {
  const { guard, headers, sessions, first, wait, coreEvents, send } = await upgraded();
  for (let day = 0; day < 13; day++) {
    wait(86_400_000);
    for (const options of [{}, { maxStaleness: 60_000 }, { revocationCheck: 'none' }]) {
      const outcome = await guard(headers.cookie, options);
      expect(outcome).toMatchObject({ kind: 'authenticated', auth: { userId: 'ann' } });
      expect(outcome).toMatchObject({ pending: null });
    }
  }
  const names = coreEvents.map(({ type }) => type);
  expect(new Set(names)).toStrictEqual(new Set(['session.created']));
  await sessions.revoke(first.sessionId);
  expect(await guard(headers.cookie)).toMatchObject({
    kind: 'refused',
    response: { status: 401, cookies: [cleared] },
  });
  expect((await send('GET', '/auth/session', headers)).body).toEqual({ authenticated: false });
});

test('it needs the origin of an unsafe request, as every cookie does', async () => {
  const { http, headers } = await upgraded();
  const outcome = await http.guard()(
    request('POST', '/mine', { ...headers, origin: 'https://evil.example' }),
  );
  expect(outcome).toMatchObject({ kind: 'refused', response: { status: 403 } });
});

test('a step-up moves the session to the new cookie, and a late request clears nothing', async () => {
  const { http, headers, first, guard, wait } = await upgraded();
  const elevated = await http.elevate(request('POST', '/elevate', headers), first.sessionId);
  const moved = elevated.cookies[0]?.split(';')[0] ?? '';
  expect(moved).toMatch(/^session=pawl_rt_/);
  expect(await guard(headers.cookie)).toMatchObject({
    kind: 'refused',
    response: { status: 401, cookies: [] },
  });
  wait(rotateAfter);
  const outcome = await guard(moved);
  expect(outcome).toMatchObject({ kind: 'authenticated', pending: { cookies: [/./] } });
});

test('a login replaces its session, and a logout ends it', async () => {
  const { http, headers, first, sessions, send } = await upgraded();
  const login = await http.login(request('POST', '/login', headers), { userId: 'ann' });
  expect(login.cookies[0]).toMatch(/^session=pawl_rt_/);
  await expect(sessions.get(first.sessionId)).rejects.toMatchObject({ reason: 'replaced' });
  const other = await sessions.create({ userId: 'bob' });
  const cookie = `session=${other.accessToken}`;
  expect((await send('POST', '/auth/logout', { cookie, origin })).cookies).toEqual([cleared]);
  await expect(sessions.get(other.sessionId)).rejects.toMatchObject({ reason: 'logout' });
});

test('beside other cookies of the name, the newest of one session counts', async () => {
  const { first, guard, sessions } = await upgraded();
  const { accessToken, refreshToken } = first;
  const next = await sessions.refresh(refreshToken);
  const other = await sessions.create({ userId: 'bob' });
  const kindOf = async (...tokens: string[]): Promise<string> =>
    (await guard(tokens.map((token) => `session=${token}`).join('; '))).kind;
  expect(await kindOf(accessToken, accessToken)).toBe('authenticated');
  expect(await kindOf(accessToken, next.refreshToken)).toBe('authenticated');
  expect(await kindOf(next.refreshToken, accessToken)).toBe('authenticated');
  expect(await kindOf('x', accessToken)).toBe('authenticated');
  expect(await kindOf(accessToken, other.refreshToken)).toBe('refused');
  expect(await kindOf(other.accessToken, refreshToken)).toBe('refused');
});

test('the refresh route refuses it, and leaves the cookie', async () => {
  const { headers, send, guard } = await upgraded();
  const response = await send('POST', '/auth/refresh', headers);
  expect([response.status, response.cookies]).toEqual([401, []]);
  expect((await guard(headers.cookie)).kind).toBe('authenticated');
});
