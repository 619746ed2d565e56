import { SessionRevokedError } from '@pawl/core';
import { HttpError } from '@pawl/http';
import { describe, expect, test } from 'vitest';
import { origin, setUp, upstreamToken } from './setting.ts';

test('C13: a request is forwarded with the token in place of the cookie, and its response returned', async () => {
  await using setting = await setUp();
  const { sessionId, cookie } = await setting.logIn();
  const answer = await setting.send('/api/notes?q=a%20b', {
    method: 'POST',
    headers: { cookie, origin, 'content-type': 'text/plain', 'x-forwarded-for': '203.0.113.9' },
    body: 'hello',
  });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(await answer.body.json()).toStrictEqual({
    method: 'POST',
    url: '/v1/notes?q=a%20b',
    body: 'hello',
  });
  expect(setting.asked).toStrictEqual([{ sessionId, refused: undefined }]);
  expect(setting.upstream.seen).toHaveLength(1);
  expect(setting.upstream.seen[0]?.headers).toStrictEqual({
    host: setting.upstream.url.slice('http://'.length),
    connection: 'keep-alive',
    authorization: `Bearer ${upstreamToken}`,
    'content-type': 'text/plain',
    'content-length': '5',
    'x-forwarded-for': '127.0.0.1',
  });
});

test('each allowed method is forwarded, with and without a body', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  const headers = { cookie, origin };
  for (const method of ['GET', 'PUT', 'DELETE', 'POST']) {
    const answer = await setting.send('/api', { method, headers });
    expect(await answer.body.json()).toStrictEqual({ method, url: '/v1', body: '' });
  }
  const head = await setting.send('/api', { method: 'HEAD', headers });
  expect([head.statusCode, await head.body.text()]).toStrictEqual([200, '']);
});

test.each([
  [204, ''],
  [304, ''],
  [404, 'nothing'],
  [418, 'teapot'],
  [500, 'broken'],
])('a %s of the API is returned as it is', async (status, body) => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  setting.upstream.answer = (_, response) => {
    response.writeHead(status, { 'set-cookie': 'a=b', 'x-request-id': 'the API' }).end(body);
  };
  const answer = await setting.send('/api', { headers: { cookie } });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['x-request-id']).toBe('the API');
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(await answer.body.text()).toBe(body);
});

test('PX-06: a redirect is not followed', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  setting.upstream.answer = (_, response) => {
    response.writeHead(302, { location: '/v1/other' }).end();
  };
  const answer = await setting.send('/api/notes', { headers: { cookie } });
  expect([answer.statusCode, answer.headers['location']]).toStrictEqual([302, '/api/other']);
  expect(setting.upstream.seen).toHaveLength(1);
});

describe('C13: without a session', () => {
  test.each([
    ['no cookie', {}, 401, 'no_session'],
    ['a bad cookie', { cookie: 'session=x' }, 401, 'invalid_token'],
    ['a bad header', { authorization: 'Bearer x' }, 401, 'invalid_token'],
  ])('the API is not called: %s', async (_, headers, status, error) => {
    await using setting = await setUp();
    const answer = await setting.send('/api/notes', { headers });
    expect(answer.statusCode).toBe(status);
    expect(await answer.body.json()).toMatchObject({ error });
    expect(setting.asked).toStrictEqual([]);
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('nor for a revoked session, nor for a request of another site', async () => {
    await using setting = await setUp();
    const { cookie, sessionId } = await setting.logIn();
    const forged = { cookie, origin: 'https://evil.example' };
    const answer = await setting.send('/api', { method: 'POST', headers: forged, body: 'x' });
    expect(answer.statusCode).toBe(403);
    await setting.sessions.revoke(sessionId);
    expect((await setting.send('/api', { headers: { cookie } })).statusCode).toBe(401);
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('nor for a caller with an API key', async () => {
    const guard = async () =>
      ({ kind: 'authenticated', auth: { userId: 'ann', sessionId: null } }) as never;
    await using setting = await setUp({ guard });
    const answer = await setting.send('/api');
    expect(answer.statusCode).toBe(401);
    expect(await answer.body.json()).toMatchObject({ error: 'no_session' });
    expect([setting.asked, setting.upstream.seen]).toStrictEqual([[], []]);
  });

  test.each<[string, Error, number, string]>([
    ['the provider has ended it', new SessionRevokedError('upstream'), 401, 'session_revoked'],
    [
      'the provider is away',
      new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'away'),
      503,
      'upstream_unavailable',
    ],
  ])('nor without a token: %s', async (_, error, status, code) => {
    await using setting = await setUp({ token: () => Promise.reject(error) });
    const { cookie } = await setting.logIn();
    const answer = await setting.send('/api', { headers: { cookie } });
    expect(answer.statusCode).toBe(status);
    expect(await answer.body.json()).toMatchObject({ error: code });
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('FC-01: an unknown error goes to the framework, and nothing is forwarded', async () => {
    const bug = new TypeError('x is undefined');
    await using setting = await setUp({ token: () => Promise.reject(bug) });
    const { cookie } = await setting.logIn();
    expect((await setting.send('/api', { headers: { cookie } })).statusCode).toBe(500);
    expect(setting.thrown).toStrictEqual([bug]);
    expect(setting.upstream.seen).toStrictEqual([]);
  });
});

test('C13: a public route works without a session, and sends nothing of one', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  for (const headers of [{}, { cookie, authorization: 'Bearer mine' }]) {
    const answer = await setting.send('/open/health', { headers });
    expect(await answer.body.json()).toMatchObject({ url: '/health' });
  }
  const post = await setting.send('/open/health', { method: 'POST', body: 'x' });
  expect(await post.body.json()).toMatchObject({ body: 'x' });
  for (const { headers } of setting.upstream.seen) {
    expect(Object.keys(headers)).not.toContain('authorization');
    expect(Object.keys(headers)).not.toContain('cookie');
  }
  expect(setting.asked).toStrictEqual([]);
});

test('PX-08: only listed and named headers pass, and what is no document is sandboxed', async () => {
  await using setting = await setUp({
    requestHeaders: ['X-App'],
    routes: (url) => [
      { path: '/api', methods: ['GET'], target: url, responseHeaders: ['X-Cost'] },
      { path: '/pages', methods: ['GET'], target: url, public: true, document: true },
    ],
  });
  const { cookie } = await setting.logIn();
  setting.upstream.answer = (_, response) => {
    response.writeHead(200, {
      'content-type': 'text/html',
      'content-security-policy': "script-src 'self'",
      'x-cost': '7',
      'x-accel-redirect': '/secret',
      'clear-site-data': '"cookies"',
    });
    response.end('<script>alert(1)</script>');
  };
  const headers = { cookie, 'x-app': '1', 'x-user': 'eve', 'x-forwarded-for': '10.0.0.1' };
  const [data, page] = [
    await setting.send('/api', { headers }),
    await setting.send('/pages', { headers }),
  ];
  const csp = 'content-security-policy';
  expect(data.headers).toMatchObject({ 'content-type': 'text/html', 'x-cost': '7' });
  expect(data.headers[csp]).toContain('sandbox');
  expect(page.headers).toMatchObject({ 'content-type': 'text/html', [csp]: "script-src 'self'" });
  for (const answer of [data, page]) {
    expect(answer.headers['x-accel-redirect']).toBeUndefined();
    expect(answer.headers['clear-site-data']).toBeUndefined();
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    await answer.body.dump();
  }
  expect(page.headers['x-cost']).toBeUndefined();
  for (const seen of setting.upstream.seen) {
    expect(seen.headers).toMatchObject({ 'x-app': '1', 'x-forwarded-for': '127.0.0.1' });
    expect(seen.headers['x-user']).toBeUndefined();
  }
});
