import { expect, test } from 'vitest';
import { type Browser, isCleared, json, origin, setUp } from '../../test/fixture.ts';

test('A21: logout revokes the session and clears both cookies, also twice', async () => {
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

test('A21: by an expired access token, by a refresh token alone, in cookie, header or body', async () => {
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

test('logout without a token is 204; garbage cookies are cleared, a garbage header is refused', async () => {
  const { send, store } = setUp();
  expect(await send('POST', '/auth/logout')).toMatchObject({ status: 204, cookies: [] });
  const garbage = await send('POST', '/auth/logout', { cookie: 'access_token=x', origin });
  expect(garbage.status).toBe(204);
  expect(isCleared(garbage.cookies)).toBe(true);
  for (const authorization of ['Bearer x', 'DPoP x']) {
    expect(await send('POST', '/auth/logout', { authorization })).toMatchObject({ status: 401 });
  }
  const twice = await send('POST', '/auth/logout', {
    cookie: 'access_token=x; access_token=y',
    origin,
  });
  expect(twice.status).toBe(204);
  expect(twice.cookies).toContain('access_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax');
  expect(store.calls).toBe(0);
});

test('logout: cookies of two sessions revoke both; with a header only its token counts', async () => {
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

test('A21: a failed store at logout is an error, with the cookies cleared', async () => {
  const { send, browser, store } = setUp();
  const ann = await browser('ann');
  store.down = true;
  const failed = await send('POST', '/auth/logout', ann.headers);
  expect(failed).toMatchObject({ status: 503, body: { error: 'unavailable' } });
  expect(isCleared(failed.cookies)).toBe(true);
});

test('CK-09: Clear-Site-Data, if enabled, whenever cookies are cleared', async () => {
  const { send, browser } = setUp({ clearSiteData: true });
  const ann = await browser('ann');
  expect((await send('POST', '/auth/logout')).headers).not.toHaveProperty('clear-site-data');
  expect((await send('POST', '/auth/logout', ann.headers)).headers).toMatchObject({
    'clear-site-data': '"cache", "cookies", "storage"',
  });
});
