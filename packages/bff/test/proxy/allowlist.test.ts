import { describe, expect, test } from 'vitest';
import { origin, setUp } from './setting.ts';

describe('BFF-05: the allowlist', () => {
  test('a method that is not allowed is 405, with the allowed ones', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    for (const method of ['PATCH', 'OPTIONS', 'TRACE']) {
      const answer = await setting.send('/api', { method, headers: { cookie, origin } });
      expect(answer.statusCode).toBe(405);
      expect(answer.headers['allow']).toBe('GET, HEAD, POST, PUT, DELETE');
    }
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('a path that matches no route is not handled', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    for (const path of ['/', '/ap', '/apis', '/apinotes', '/v1/notes', '/API/notes']) {
      const answer = await setting.send(path, { headers: { cookie } });
      expect(await answer.body.text()).toBe('not the proxy');
    }
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('the longest prefix wins, in whole segments', async () => {
    await using setting = await setUp({
      routes: (url) => [
        { path: '/', methods: ['GET'], target: `${url}/root`, public: true },
        { path: '/api', methods: ['GET'], target: `${url}/one`, public: true },
        { path: '/api/two', methods: ['GET'], target: `${url}/two/`, public: true },
      ],
    });
    for (const [path, expected] of [
      ['/', '/root/'],
      ['/x', '/root/x'],
      ['/api', '/one'],
      ['/api/', '/one/'],
      ['/api/twofold', '/one/twofold'],
      ['/api/two', '/two'],
      ['/api/two/x?y', '/two/x?y'],
      ['/%61pi/x', '/one/x'],
    ] as const) {
      const answer = await setting.send(path);
      expect(await answer.body.json()).toMatchObject({ url: expected });
    }
  });

  test('the target is constant: nothing that a client sends changes the host', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    for (const line of [
      'GET http://evil.example/api/notes HTTP/1.1',
      'GET //evil.example/api HTTP/1.1',
      'GET /api@evil.example HTTP/1.1',
      'GET /api/@evil.example HTTP/1.1',
      'GET /api/http://evil.example HTTP/1.1',
      'GET /api/x HTTP/1.1\r\nX-Forwarded-Host: evil.example',
    ]) {
      await setting.raw(
        `${line}\r\nHost: evil.example\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
      );
    }
    const hosts = new Set(setting.upstream.seen.map(({ headers }) => headers.host));
    expect(hosts).toStrictEqual(new Set([setting.upstream.url.slice('http://'.length)]));
    expect(setting.upstream.seen.map(({ url }) => url)).toStrictEqual([
      '/v1/@evil.example',
      '/v1/x',
    ]);
  });

  test.each([
    '/api/../admin',
    '/api/%2e%2e/admin',
    '/api/..%2fadmin',
    '/api/%2fadmin',
    '/api//admin',
    '/api/;/admin',
    '/api/%00',
    '/api/%252e%252e/admin',
    '/api/%c0%ae%c0%ae/admin',
    '/api/..\\admin',
    '/%61pi/..%2fadmin',
  ])('PX-05: %s is 400, and is not forwarded', async (path) => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    const answer = await setting.raw(
      `GET ${path} HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('a path can be rewritten, to a normalized one', async () => {
    await using setting = await setUp({
      routes: (url) => [
        {
          path: '/api',
          methods: ['GET'],
          target: `${url}/v1`,
          public: true,
          rewrite: (path) => path.replace(/^\/old/, '/new'),
        },
        {
          path: '/bad',
          methods: ['GET'],
          target: `${url}/v1`,
          public: true,
          rewrite: () => '/../admin',
        },
      ],
    });
    expect(await (await setting.send('/api/old/x')).body.json()).toMatchObject({
      url: '/v1/new/x',
    });
    expect((await setting.send('/bad/x')).statusCode).toBe(500);
    expect(setting.upstream.seen).toHaveLength(1);
  });
});
