import { jwtAccessTokens } from '@pawl/core/jwt';
import { expect, test } from 'vitest';
import { isCleared, setUp, told } from '../../test/fixture.ts';

test('A22: lists the user’s sessions and marks the current one, without secrets', async () => {
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

test('A22: an empty list is []: the session may end between the guard and the list', async () => {
  const { send, browser, sessions, store } = setUp();
  const ann = await browser('ann');
  store.before = async (verb) => {
    if (verb === 'list') await sessions.revoke(ann.sessionId);
  };
  expect(await send('GET', '/auth/sessions', ann.headers)).toMatchObject({ status: 200, body: [] });
});

test('A22: a page has up to 100 sessions, and a link to the next one', async () => {
  const { send, browser, sessions, wait } = setUp({}, { limit: 'none' });
  const ann = await browser('ann');
  for (let i = 0; i < 249; i++) {
    if (i % 3 === 0) wait(1);
    await sessions.create({ userId: 'ann' });
  }
  const ids: string[] = [];
  const sizes: number[] = [];
  for (let query: string | undefined = ''; query !== undefined; ) {
    const { status, body, headers } = await send('GET', `/auth/sessions${query}`, ann.headers);
    expect(status).toBe(200);
    const page = (body as { id: string }[]).map(({ id }) => id);
    ids.push(...page);
    sizes.push(page.length);
    query = /^<(\?after=\S+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
  }
  expect(sizes).toEqual([100, 100, 50]);
  expect(new Set(ids).size).toBe(250);
  for (const query of ['?after=', '?after=1', '?after=x.y', `?after=1.${'A'.repeat(25)}`]) {
    expect(await send('GET', `/auth/sessions${query}`, ann.headers)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  }
});

test('A23: 204 for the user’s own session, the same 404 for an unknown one and another user’s', async () => {
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

test('A23: DELETE /sessions revokes all, or all others', async () => {
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

test('only a live session can manage sessions: no API key, no revoked token', async () => {
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

test('a failed store is 503 on every route that calls it', async () => {
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
