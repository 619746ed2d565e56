import { expect, test } from 'vitest';
import { request, setUp } from '../../test/fixture.ts';

test('C5: GET /session is 200, authenticated or not; a stale cookie is cleared; a failed store is 503', async () => {
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

test('the session routes read the record from the store, whatever maxStaleness is elsewhere', async () => {
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
