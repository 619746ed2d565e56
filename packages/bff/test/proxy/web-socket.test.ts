import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { StoreUnavailableError } from '@pawl/core';
import type { RevocationListener } from '@pawl/core/store';
import { describe, expect, test, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { ProxyOptions } from '../../src/proxy/options.ts';
import type { UpstreamToken } from '../../src/upstream/upstream-token.ts';
import { origin, type Setting, setUp, upstreamToken } from './setting.ts';

const dial = (
  setting: Setting,
  cookie: string | undefined,
  { path = '/ws/echo', ...options }: ClientOptions & { path?: string } = {},
): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${setting.port}${path}`, ['one', 'two'], {
    origin,
    headers: cookie === undefined ? {} : { cookie },
    ...options,
  });

/** The status of a refusal, or `open`. */
const outcomeOf = async (socket: WebSocket): Promise<number | 'open' | 'failed'> =>
  new Promise((resolve) => {
    socket.on('open', () => {
      resolve('open');
      socket.terminate();
    });
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.on('error', () => resolve('failed'));
  });

test('a WebSocket is opened with the token in place of the cookie, and works both ways', async () => {
  await using setting = await setUp();
  const { cookie, sessionId } = await setting.logIn();
  const socket = dial(setting, cookie, { path: '/ws/echo?room=1' });
  await once(socket, 'open');
  expect(socket.protocol).toBe('one');
  for (const message of ['hello', 'x'.repeat(1_000_000)]) {
    socket.send(message);
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(data.toString()).toBe(message);
  }
  expect(setting.asked).toStrictEqual([{ sessionId, refused: undefined }]);
  const { headers, url } = setting.upstream.seen[0] ?? {};
  expect(url).toBe('/echo?room=1');
  expect(headers).toMatchObject({
    host: setting.upstream.url.slice('http://'.length),
    authorization: `Bearer ${upstreamToken}`,
    'x-forwarded-for': '127.0.0.1',
    'sec-websocket-protocol': 'one,two',
  });
  expect(headers).not.toHaveProperty('cookie');
  expect(headers).not.toHaveProperty('origin');
  socket.close(1000, 'bye');
  expect((await once(socket, 'close'))[0]).toBe(1000);
  await vi.waitFor(() => expect(setting.upstream.sockets.size).toBe(0));
});

test('the API’s close frame reaches the client, with its reason', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  const socket = dial(setting, cookie);
  await once(socket, 'open');
  for (const upstream of setting.upstream.sockets) upstream.close(4001, 'enough');
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  expect([code, reason.toString()]).toStrictEqual([4001, 'enough']);
});

test('if one side is destroyed, the other one ends', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  const one = dial(setting, cookie);
  await once(one, 'open');
  one.terminate();
  await vi.waitFor(() => expect(setting.upstream.sockets.size).toBe(0));
  const other = dial(setting, cookie);
  await once(other, 'open');
  for (const upstream of setting.upstream.sockets) upstream.terminate();
  expect((await once(other, 'close'))[0]).toBe(1006);
});

describe('CS-07: a handshake is refused, and the API is not called', () => {
  test.each<[string, ClientOptions, number]>([
    ['from another site', { origin: 'https://evil.example' }, 403],
    ['without an origin', { origin: undefined } as unknown as ClientOptions, 403],
    ['from the origin null', { origin: 'null' }, 403],
    ['from a host whose name begins like ours', { origin: `${origin}.evil.example` }, 403],
  ])('%s', async (_, options, status) => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    expect(await outcomeOf(dial(setting, cookie, options))).toBe(status);
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('without a session, or with one that has ended', async () => {
    await using setting = await setUp();
    expect(await outcomeOf(dial(setting, undefined))).toBe(401);
    expect(await outcomeOf(dial(setting, 'session=x'))).toBe(401);
    const { cookie, sessionId } = await setting.logIn();
    await setting.sessions.revoke(sessionId);
    expect(await outcomeOf(dial(setting, cookie))).toBe(401);
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('on a route without WebSockets, on no route, on an invalid path', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    expect(await outcomeOf(dial(setting, cookie, { path: '/api/echo' }))).toBe(400);
    expect(await outcomeOf(dial(setting, cookie, { path: '/other' }))).toBe('failed');
    expect(await outcomeOf(dial(setting, cookie, { path: '/ws/..%2fecho' }))).toBe(400);
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test.each([
    ['another version', 'Sec-WebSocket-Version: 8', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='],
    ['no key', 'Sec-WebSocket-Version: 13', 'X: y'],
    ['a bad key', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAA'],
    [
      'a body',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nContent-Length: 3',
    ],
  ])('that is invalid: %s', async (_, ...lines) => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    const head = ['GET /ws/echo HTTP/1.1', 'Host: a', `Origin: ${origin}`, `Cookie: ${cookie}`];
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', ...lines, '', ''];
    expect(await setting.raw([...head, ...upgrade].join('\r\n'))).toMatch(/^HTTP\/1\.1 400 /);
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('to another protocol', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    const text = `GET /ws/echo HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n`;
    expect(await setting.raw(text)).toMatch(/^HTTP\/1\.1 400 /);
    expect(setting.upstream.seen).toStrictEqual([]);
  });
});

describe('an API that refuses', () => {
  test.each([
    ['HTTP/1.1 403 Forbidden\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nno', 403],
    ['HTTP/1.1 302 Found\r\nLocation: https://evil.example\r\nContent-Length: 0\r\n\r\n', 502],
    ['HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n', 502],
    ['not HTTP at all\r\n\r\n', 502],
    ['', 502],
  ])('%s', async (answer, status) => {
    await using setting = await setUp();
    setting.upstream.refusesSockets = answer;
    const { cookie } = await setting.logIn();
    const socket = dial(setting, cookie);
    const headers = new Promise((resolve) => {
      socket.on('unexpected-response', (_, response) => resolve(response.headers));
    });
    expect(await outcomeOf(socket)).toBe(status);
    expect(await headers).not.toHaveProperty('set-cookie');
    expect(await headers).not.toHaveProperty('location');
  });

  test('a token gets a refreshed one', async () => {
    const token = (accessToken: string): UpstreamToken => ({
      accessToken,
      tokenType: 'Bearer',
      expiresAt: null,
    });
    await using setting = await setUp({
      token: (asking) => {
        if (asking?.forceRefresh) setting.upstream.refusesSockets = undefined;
        return token(asking?.forceRefresh ? 'new' : 'old');
      },
    });
    setting.upstream.refusesSockets = 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n';
    const { cookie } = await setting.logIn();
    expect(await outcomeOf(dial(setting, cookie))).toBe('open');
    expect(setting.upstream.seen.map(({ headers }) => headers.authorization)).toStrictEqual([
      'Bearer old',
      'Bearer new',
    ]);
  });

  test('because it is not running', async () => {
    await using setting = await setUp({
      routes: () => [
        { path: '/ws', methods: ['GET'], target: 'http://127.0.0.1:1', webSocket: true },
      ],
    });
    const { cookie } = await setting.logIn();
    expect(await outcomeOf(dial(setting, cookie))).toBe(502);
    expect(setting.events).toMatchObject([{ type: 'upstream.failed', reason: 'ECONNREFUSED' }]);
  });
});

/** The close event that a page receives. */
const closeOf = async (socket: WebSocket): Promise<string> => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return `${code} ${reason.toString()}`.trim();
};

describe('revocation', () => {
  test('no more data is forwarded, whatever the client does', async () => {
    await using setting = await setUp();
    const { cookie, sessionId } = await setting.logIn();
    const socket = dial(setting, cookie);
    await once(socket, 'open');
    const heard: string[] = [];
    for (const upstream of setting.upstream.sockets) {
      upstream.on('message', (data: Buffer) => heard.push(data.toString()));
    }
    const raw = (socket as unknown as { _socket: Socket })._socket;
    // The client neither reads the close frame nor stops.
    raw.pause();
    await setting.sessions.revoke(sessionId);
    socket.send('after');
    await vi.waitFor(() => expect(setting.upstream.sockets.size).toBe(0));
    socket.send('and after');
    const closed = closeOf(socket);
    raw.resume();
    expect(await closed).toBe('4401 session_revoked');
    expect(heard).toStrictEqual([]);
  });

  test('in the middle of a frame of the API the socket just ends', async () => {
    await using setting = await setUp();
    const { cookie, sessionId } = await setting.logIn();
    const socket = dial(setting, cookie);
    await once(socket, 'open');
    for (const upstream of setting.upstream.sockets) {
      const raw = (upstream as unknown as { _socket: Socket })._socket;
      // Three bytes of ten.
      raw.write(Buffer.from([0x82, 10, 1, 2, 3]));
    }
    const { bytesRead } = (socket as unknown as { _socket: Socket })._socket;
    await vi.waitFor(() => {
      expect((socket as unknown as { _socket: Socket })._socket.bytesRead).toBe(bytesRead + 5);
    });
    const closed = closeOf(socket);
    await setting.sessions.revoke(sessionId);
    expect(await closed).toBe('1006');
    await vi.waitFor(() => expect(setting.upstream.sockets.size).toBe(0));
  });

  test('an end for another reason does not look like a logout', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    const socket = dial(setting, cookie);
    await once(socket, 'open');
    const closed = closeOf(socket);
    await setting.proxy.close();
    expect(await closed).toBe('1001 unavailable');
    expect(setting.events).toMatchObject([{ type: 'connection.ended', reason: 'proxy_closed' }]);
  });

  test('a failing store has its own close code', async () => {
    const get = vi.fn<ProxyOptions['sessions']['get']>(async () => {
      throw new StoreUnavailableError();
    });
    let listener: RevocationListener | undefined;
    const subscribe = (given: RevocationListener) => {
      listener = given;
      return () => {};
    };
    await using setting = await setUp({ sessions: { get }, feed: { subscribe } });
    const { cookie } = await setting.logIn();
    const socket = dial(setting, cookie);
    await once(socket, 'open');
    const closed = closeOf(socket);
    listener?.connected(true);
    await vi.waitFor(() => expect(get).toHaveBeenCalledOnce());
    listener?.connected(true);
    expect(await closed).toBe('1013 unavailable');
  });

  test('a WebSocket closes with its session at once, and others stay', async () => {
    await using setting = await setUp();
    const [ann, bob] = [await setting.logIn('ann'), await setting.logIn('bob')];
    const [first, second, other] = [
      dial(setting, ann.cookie),
      dial(setting, ann.cookie),
      dial(setting, bob.cookie),
    ];
    await Promise.all([first, second, other].map((socket) => once(socket, 'open')));
    const closes = Promise.all([first, second].map(closeOf));
    await setting.sessions.revoke(ann.sessionId);
    expect(await closes).toStrictEqual(['4401 session_revoked', '4401 session_revoked']);
    other.send('still here');
    expect(String((await once(other, 'message'))[0])).toBe('still here');
    await vi.waitFor(() => expect(setting.upstream.sockets.size).toBe(1));
    expect(setting.events).toHaveLength(2);
    other.terminate();
  });

  test('a closed WebSocket is not ended again', async () => {
    await using setting = await setUp();
    const { cookie, sessionId } = await setting.logIn();
    const [first, second] = [dial(setting, cookie), dial(setting, cookie)];
    await Promise.all([first, second].map((socket) => once(socket, 'open')));
    const closed = closeOf(first);
    first.close(1000);
    await closed;
    await vi.waitFor(() => expect(setting.upstream.sockets.size).toBe(1));
    const ended = closeOf(second);
    await setting.sessions.revoke(sessionId);
    await ended;
    expect(setting.events.map(({ type }) => type)).toStrictEqual(['connection.ended']);
  });

  test('also while the token is being fetched', async () => {
    const { promise: fetched, resolve } = Promise.withResolvers<void>();
    await using setting = await setUp({
      token: async () => {
        await setting.sessions.revoke(sessionId);
        resolve();
        return { accessToken: 'a', tokenType: 'Bearer', expiresAt: null };
      },
    });
    const { cookie, sessionId } = await setting.logIn();
    const outcome = outcomeOf(dial(setting, cookie));
    await fetched;
    expect(await outcome).toBe('failed');
    // The handshake was not sent: the next request is the first that the API receives.
    await (await setting.send('/open/later')).body.dump();
    await (await setting.send('/open/later')).body.dump();
    expect(setting.upstream.seen.map(({ url }) => url)).toStrictEqual(['/later', '/later']);
    await vi.waitFor(() => expect(setting.upstream.sockets.size).toBe(0));
  });

  test('a client that went away before the API accepted leaves nothing open', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: gone, resolve: go } = Promise.withResolvers<void>();
    await using setting = await setUp({
      token: async () => {
        ask();
        await gone;
        return { accessToken: 'a', tokenType: 'Bearer', expiresAt: null };
      },
    });
    const { cookie } = await setting.logIn();
    const socket = connect(setting.port, '127.0.0.1');
    socket.write(
      `GET /ws/echo HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    await asked;
    socket.destroy();
    go();
    await vi.waitFor(() => expect(setting.upstream.seen).toHaveLength(1));
    await vi.waitFor(() => expect(setting.upstream.sockets.size).toBe(0));
    expect(setting.thrown).toStrictEqual([]);
  });
});
