import { createSessions, generateSecret } from '@pawl/core';
import { createHttp } from '@pawl/http';
import { createMemoryStore } from '@pawl/memory';
import { describe, expect, test } from 'vitest';
import { origin, setUp, upstreamToken } from './setting.ts';

describe('header smuggling', () => {
  const get = (cookie: string, ...lines: string[]): string =>
    [
      'GET /api HTTP/1.1',
      'Host: a',
      `Cookie: ${cookie}`,
      'Connection: close',
      ...lines,
      '',
      '',
    ].join('\r\n');

  test('BFF-13: the client’s address is sent once, and is that of the peer', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    await setting.raw(
      get(
        cookie,
        'X-Forwarded-For: 1.1.1.1',
        'X_Forwarded_For: 2.2.2.2',
        'Forwarded: for=3.3.3.3',
        'X-Real-IP: 4.4.4.4',
        'x-forwarded-for: 5.5.5.5',
      ),
    );
    expect(JSON.stringify(setting.upstream.seen)).not.toMatch(/[1-5](\.[1-5]){3}/);
    expect(setting.upstream.seen[0]?.headers['x-forwarded-for']).toBe('127.0.0.1');
  });

  test('BFF-13: behind trusted proxies it is the address that they report', async () => {
    const sessions = createSessions({ store: createMemoryStore(), secrets: [generateSecret()] });
    for (const [trustedProxies, expected] of [
      [['127.0.0.1', '10.0.0.0/8'], '2001:db8::7'],
      [['10.0.0.0/8'], '127.0.0.1'],
    ] as const) {
      const { clientAddress } = createHttp({ sessions, origin, trustedProxies });
      await using setting = await setUp({ clientAddress });
      const { cookie } = await setting.logIn();
      await setting.raw(
        get(cookie, 'X-Forwarded-For: 6.6.6.6, 2001:DB8:0::7, 10.1.2.3', 'X-Real-IP: 7.7.7.7'),
      );
      const { headers, rawHeaders } = setting.upstream.seen[0] ?? {};
      expect(headers?.['x-forwarded-for']).toBe(expected);
      expect(rawHeaders?.join()).not.toMatch(/6\.6|7\.7|10\.1/);
    }
  });

  test('the header and the address can be configured', async () => {
    const clientAddress = (): string => '192.0.2.1';
    for (const [addressHeader, expected] of [
      ['X-Client', '192.0.2.1'],
      [false, undefined],
    ] as const) {
      await using setting = await setUp({ addressHeader, clientAddress });
      const { cookie } = await setting.logIn();
      await setting.raw(
        get(cookie, ...(addressHeader ? ['X_Client: 6.6.6.6', 'x-client: 7.7.7.7'] : [])),
      );
      const headers = setting.upstream.seen[0]?.headers;
      expect(headers?.['x-client']).toBe(expected);
      expect(headers?.['x_client']).toBeUndefined();
      expect(headers?.['x-forwarded-for']).toBeUndefined();
    }
  });

  test('PX-04: Connection removes the headers it lists, but none of the proxy’s own', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    await setting.raw(
      get(
        cookie,
        'Connection: authorization, x-forwarded-for, host, prefer',
        'Prefer: 1',
        'Accept: 2',
      ),
    );
    expect(setting.upstream.seen[0]?.headers).toStrictEqual({
      host: setting.upstream.url.slice('http://'.length),
      connection: 'keep-alive',
      authorization: `Bearer ${upstreamToken}`,
      'x-forwarded-for': '127.0.0.1',
      accept: '2',
    });
  });

  test.each([
    ['two lengths', 'Content-Length: 3\r\nContent-Length: 4'],
    ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked'],
    ['an invalid length', 'Content-Length: +3'],
    ['an unknown encoding', 'Transfer-Encoding: xchunked'],
    ['a folded line', 'X-A: 1\r\n Transfer-Encoding: chunked'],
    ['a space before the colon', 'Transfer-Encoding : chunked'],
  ])('a body with an ambiguous end is refused: %s', async (_, lines) => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    const answer = await setting.raw(
      `POST /api HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\n${lines}\r\n\r\n0\r\n\r\nGET /api/smuggled HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(setting.upstream.seen).toStrictEqual([]);
  });
});
