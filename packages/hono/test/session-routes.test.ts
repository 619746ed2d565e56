import { expect, test } from 'vitest';
import { listen, setUp } from './service.ts';

const start = async () => {
  const setting = await setUp();
  setting.app.get('/mine', setting.pawl.guard(), (c) => c.json({ user: c.var.auth.userId }));
  setting.app.post('/mine', setting.pawl.guard(), (c) => c.json({ user: c.var.auth.userId }));
  setting.app.route('/', setting.pawl.routes());
  const server = await listen(setting.app);
  return { ...setting, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

const json = { 'content-type': 'application/json' };

test('a browser logs in, refreshes, lists, revokes another and logs out', async () => {
  await using setting = await start();
  const { server } = setting;
  const [first, second] = [server.browser(), server.browser()];
  expect(await first.send('GET', '/mine')).toMatchObject({ status: 401 });
  const login = await first.send('POST', '/login');
  expect(login).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
  });
  // A.13: in cookies, so not in the body.
  expect(login.text).not.toContain('pawl_');
  await second.send('POST', '/login');
  expect(await first.send('POST', '/mine')).toMatchObject({ status: 200 });

  const before = await first.cookie('refresh_token');
  expect(await first.send('POST', '/auth/refresh')).toMatchObject({ status: 200 });
  expect(await first.cookie('refresh_token')).not.toBe(before);
  expect(await first.send('GET', '/mine')).toMatchObject({ status: 200 });

  const listed = JSON.parse((await first.send('GET', '/auth/sessions')).text) as {
    id: string;
    current: boolean;
  }[];
  expect(listed).toHaveLength(2);
  expect(listed.filter(({ current }) => current)).toHaveLength(1);
  const other = listed.find(({ current }) => !current)?.id ?? '';
  expect(await first.send('DELETE', `/auth/sessions/${other}`)).toMatchObject({
    status: 204,
    text: '',
  });
  expect(await second.send('GET', '/mine')).toMatchObject({ status: 401 });
  expect(await first.send('DELETE', `/auth/sessions/${'A'.repeat(24)}`)).toMatchObject({
    status: 404,
  });
  expect(await first.send('DELETE', '/auth/sessions/%E0%A4%A')).toMatchObject({ status: 404 });

  expect(await first.send('POST', '/auth/logout')).toMatchObject({ status: 204 });
  expect(await first.jar.getCookies('http://localhost:8080/auth/refresh')).toEqual([]);
  expect(await first.send('GET', '/mine')).toMatchObject({ status: 401 });
});

test('a program keeps its tokens itself', async () => {
  await using setting = await start();
  const { server, sessions } = setting;
  const { refreshToken } = await sessions.create({ userId: 'ann' });
  const body = JSON.stringify({ refresh_token: refreshToken });
  const refreshed = await server.send('POST', '/auth/refresh', json, body);
  expect(refreshed.headers).not.toHaveProperty('set-cookie');
  const { access_token: token } = JSON.parse(refreshed.text) as { access_token: string };
  const authorization = { authorization: `Bearer ${token}` };
  expect(await server.send('POST', '/mine', authorization)).toMatchObject({ status: 200 });
  expect(await server.send('POST', '/auth/logout', authorization)).toMatchObject({ status: 204 });
  expect(await server.send('POST', '/mine', authorization)).toMatchObject({ status: 401 });
});

test('A.17 over the wire: 400, 413, 415, whatever the length claims', async () => {
  await using setting = await start();
  const { send } = setting.server;
  const refresh = (headers: Record<string, string>, body?: string) =>
    send('POST', '/auth/refresh', headers, body).then(({ status }) => status);
  expect(await refresh({})).toBe(400);
  expect(await refresh(json, '{')).toBe(400);
  expect(await refresh({ 'content-type': 'text/plain' }, '{}')).toBe(415);
  expect(await refresh(json, JSON.stringify({ refresh_token: 'x'.repeat(9_000) }))).toBe(413);
  const chunked = { ...json, 'transfer-encoding': 'chunked' };
  expect(await refresh(chunked, JSON.stringify({ refresh_token: 'x'.repeat(100_000) }))).toBe(413);
});

test('A.18, A.21 over the wire: a store that fails', async () => {
  await using setting = await start();
  const browser = setting.server.browser();
  await browser.send('POST', '/login');
  setting.store.down = true;
  for (const [method, path] of [
    ['GET', '/mine'],
    ['POST', '/auth/refresh'],
    ['GET', '/auth/session'],
  ] as const) {
    const answer = await browser.send(method, path);
    expect(answer).toMatchObject({ status: 503, headers: { 'cache-control': 'no-store' } });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.text).not.toContain('ECONNREFUSED');
  }
  setting.store.down = false;
  expect(await browser.send('POST', '/auth/refresh')).toMatchObject({ status: 200 });
  setting.store.down = true;
  expect(await browser.send('POST', '/auth/logout')).toMatchObject({ status: 503 });
  expect(await browser.jar.getCookies('http://localhost:8080/auth/refresh')).toEqual([]);
});

test('two Authorization headers are no credential, two Cookie headers are one list', async () => {
  await using setting = await start();
  const { server, sessions } = setting;
  const { accessToken } = await sessions.create({ userId: 'ann' });
  const send = async (...headers: string[]) =>
    (await server.send('GET', '/mine', ['host', 'localhost', ...headers])).status;
  const bearer = `Bearer ${accessToken}`;
  expect(await send('authorization', bearer)).toBe(200);
  expect(await send('authorization', bearer, 'authorization', bearer)).toBe(401);
  expect(await send('cookie', `access_token=${accessToken}`, 'cookie', 'a=b')).toBe(200);
  expect(await send('cookie', `access_token=${accessToken}`, 'cookie', 'access_token=x')).toBe(401);
  expect(await send('authorization', 'Basic x', 'cookie', `access_token=${accessToken}`)).toBe(401);
});

test('GET does not log out, nor refresh', async () => {
  await using setting = await start();
  const browser = setting.server.browser();
  await browser.send('POST', '/login');
  expect(await browser.send('GET', '/auth/logout')).toMatchObject({ status: 404 });
  expect(await browser.send('GET', '/auth/refresh')).toMatchObject({ status: 404 });
  expect(await browser.send('GET', '/mine')).toMatchObject({ status: 200 });
});
