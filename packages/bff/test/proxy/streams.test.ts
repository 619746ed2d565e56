import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RevocationListener } from '@pawl/core/store';
import { describe, expect, test, vi } from 'vitest';
import { origin, type Setting, setUp } from './setting.ts';

const { waitFor } = vi;

/** A body that is generated while it is read, and counted. */
const made = (chunk: Buffer, count: number): { stream: Readable; sent: () => number } => {
  let sent = 0;
  const stream = new Readable({
    read() {
      this.push(sent < count ? chunk : null);
      sent += 1;
    },
  });
  return { stream, sent: () => sent };
};

const routes = (change: object) => (url: string) => [
  { path: '/api', methods: ['GET', 'POST'], target: url, ...change },
];

test('a response is streamed: each chunk arrives before the next one is written', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  const { promise: second, resolve: goOn } = Promise.withResolvers<void>();
  setting.upstream.answer = async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('one');
    await second;
    response.end('two');
  };
  const { body } = await setting.send('/api', { headers: { cookie } });
  const chunks = body[Symbol.asyncIterator]();
  expect(String((await chunks.next()).value)).toBe('one');
  goOn();
  expect(String((await chunks.next()).value)).toBe('two');
  expect((await chunks.next()).done).toBe(true);
});

test('the headers of a stream arrive before its first data', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  const { promise: heard, resolve: goOn } = Promise.withResolvers<void>();
  setting.upstream.answer = async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    await heard;
    response.end('late');
  };
  const { statusCode, headers, body } = await setting.send('/api', { headers: { cookie } });
  expect([statusCode, headers['content-type']]).toStrictEqual([200, 'text/event-stream']);
  goOn();
  expect(await body.text()).toBe('late');
});

test('a request is streamed: the API reads the beginning before the end is sent', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  setting.upstream.readsBodies = false;
  const { promise: begun, resolve: seeBegin } = Promise.withResolvers<string>();
  setting.upstream.answer = async (request, response) => {
    let length = 0;
    for await (const chunk of request) {
      seeBegin(String(chunk));
      length += (chunk as Buffer).length;
    }
    response.end(String(length));
  };
  const body = new Readable({ read() {} });
  // A shorter body is read to its end first: it would hold a connection while the client is slow.
  const beginning = `begin${'.'.repeat(65_536)}`;
  body.push(beginning);
  const answer = setting.send('/api', { method: 'POST', headers: { cookie, origin }, body });
  expect(await begun).toMatch(/^begin/);
  body.push('end');
  body.push(null);
  expect(await (await answer).body.text()).toBe(String(beginning.length + 3));
});

test('megabytes are forwarded and returned, byte for byte', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  setting.upstream.readsBodies = false;
  setting.upstream.answer = (request, response) => void request.pipe(response);
  const bytes = Buffer.alloc(5_000_000).map((_, index) => (index * 31) % 251);
  for (const headers of [{ 'content-length': String(bytes.length) }, {}]) {
    const answer = await setting.send('/api', {
      method: 'POST',
      headers: { cookie, origin, ...headers },
      body: Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]),
    });
    expect(Buffer.from(await answer.body.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  }
});

test('every byte is returned as it is, in one chunk or several, with and without a length', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  const bytes = Buffer.alloc(70_000).map((_, index) => index % 256);
  for (const size of [1, 256, 4_095, 4_096, 4_097, 70_000]) {
    const whole = bytes.subarray(70_000 - size);
    for (const cut of [0, Math.ceil(size / 3), size - 1]) {
      for (const head of [{ 'content-length': size }, {}]) {
        setting.upstream.answer = async (_, response) => {
          response.writeHead(200, head);
          response.write(whole.subarray(0, cut));
          if (cut > 0) await sleep(5);
          response.end(whole.subarray(cut));
        };
        const { body, headers } = await setting.send('/api', { headers: { cookie } });
        expect(Buffer.from(await body.arrayBuffer()).equals(whole)).toBe(true);
        expect(headers['content-length']).toBe('content-length' in head ? String(size) : undefined);
      }
    }
  }
});

test('a response without a body has none, whatever its content-length says', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  setting.upstream.answer = (request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { 'content-length': 1_000 });
    else response.writeHead(200, { 'content-length': 0 });
    response.end();
  };
  for (const [method, length] of [
    ['HEAD', '1000'],
    ['GET', '0'],
  ] as const) {
    const { body, headers } = await setting.send('/api', { method, headers: { cookie } });
    expect([headers['content-length'], await body.text()]).toStrictEqual([length, '']);
  }
});

describe('backpressure', () => {
  const chunk = Buffer.alloc(65_536);
  const count = 1_600;

  /** In bytes: what all buffers between a sender and a blocked reader may hold. */
  const between = 40 * 1_048_576;

  test('a client that does not read stops the API', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    const source = made(chunk, count);
    setting.upstream.answer = (_, response) => void source.stream.pipe(response);
    const { body } = await setting.send('/api', { headers: { cookie } });
    body.pause();
    let before = -1;
    await waitFor(
      async () => {
        const now = source.sent();
        const stalled = now > 0 && now === before;
        before = now;
        expect(stalled).toBe(true);
      },
      { timeout: 10_000, interval: 200 },
    );
    expect(source.sent() * chunk.length).toBeLessThan(between);
    let length = 0;
    for await (const part of body) length += (part as Buffer).length;
    expect(length).toBe(chunk.length * count);
  });

  test('an API that does not read stops the client', async () => {
    await using setting = await setUp({ bodyLimit: 200 * 1_048_576 });
    const { cookie } = await setting.logIn();
    setting.upstream.readsBodies = false;
    const { promise: read, resolve: goOn } = Promise.withResolvers<void>();
    setting.upstream.answer = async (request, response) => {
      await read;
      let length = 0;
      for await (const part of request) length += (part as Buffer).length;
      response.end(String(length));
    };
    const source = made(chunk, count);
    const answer = setting.send('/api', {
      method: 'POST',
      headers: { cookie, origin },
      body: source.stream,
    });
    let before = -1;
    await waitFor(
      async () => {
        const now = source.sent();
        const stalled = now > 0 && now === before;
        before = now;
        expect(stalled).toBe(true);
      },
      { timeout: 10_000, interval: 200 },
    );
    expect(source.sent() * chunk.length).toBeLessThan(between);
    goOn();
    expect(await (await answer).body.text()).toBe(String(chunk.length * count));
  });
});

describe('C13: a timeout bounds the whole exchange', () => {
  test('an API that does not respond is 504', async () => {
    await using setting = await setUp({ timeout: 100 });
    const { cookie } = await setting.logIn();
    setting.upstream.answer = () => {};
    const answer = await setting.send('/api', { headers: { cookie } });
    expect(answer.statusCode).toBe(504);
    expect(await answer.body.json()).toMatchObject({ error: 'gateway_timeout' });
    expect(setting.events).toStrictEqual([
      {
        at: expect.any(Number),
        type: 'upstream.failed',
        route: '/api',
        status: 504,
        reason: 'timeout',
      },
    ]);
  });

  test('a slow stream is cut off, and does not look complete', async () => {
    await using setting = await setUp({ routes: routes({ timeout: 300 }) });
    const { cookie } = await setting.logIn();
    let dripping: NodeJS.Timeout | undefined;
    const { promise: closed, resolve: seeClose } = Promise.withResolvers<void>();
    setting.upstream.answer = (_, response) => {
      response.writeHead(200);
      dripping = setInterval(() => response.write('.'), 20);
      response.on('close', () => {
        clearInterval(dripping);
        seeClose();
      });
    };
    const answer = await setting.send('/api', { headers: { cookie } });
    expect(answer.statusCode).toBe(200);
    await expect(answer.body.text()).rejects.toBeInstanceOf(Error);
    // The connection to the API is closed as well.
    await closed;
    expect(setting.events).toMatchObject([{ status: 0, reason: 'timeout' }]);
  });

  test('a body that never arrives is 504 too, and its connection is closed', async () => {
    await using setting = await setUp({ timeout: 100 });
    const { cookie } = await setting.logIn();
    const answer = await setting.raw(
      `POST /api HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nContent-Length: 10\r\n\r\nabc`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 504 /);
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test.each(['GET', 'POST'])('a token that comes too late: %s is 504', async (method) => {
    const { promise: fetched, resolve: fetch } = Promise.withResolvers<void>();
    await using setting = await setUp({
      timeout: 100,
      token: async () => {
        await fetched;
        return { accessToken: 'late', tokenType: 'Bearer', expiresAt: null };
      },
    });
    const { cookie } = await setting.logIn();
    const body = method === 'POST' ? 'a body' : null;
    const { statusCode } = await setting.send('/api', {
      method,
      headers: { cookie, origin },
      body,
    });
    expect(statusCode).toBe(504);
    fetch();
    // The request is finished, and nothing was forwarded.
    await waitFor(() => expect(setting.underWay()).toBe(0));
    await (await setting.send('/open/later')).body.dump();
    expect(setting.upstream.seen.map(({ url }) => url)).toStrictEqual(['/later']);
  });

  test('a request that waits for a connection too long is 504, and is not forwarded later', async () => {
    await using setting = await setUp({
      maxConnections: 1,
      routes: (url) => [
        { path: '/slow', methods: ['GET'], target: url, public: true },
        { path: '/quick', methods: ['GET'], target: url, public: true, timeout: 100 },
      ],
    });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    setting.upstream.answer = async (_, response) => {
      await released;
      response.end('done');
    };
    const slow = setting.send('/slow/one');
    await waitFor(() => expect(setting.upstream.seen).toHaveLength(1));
    expect((await setting.send('/quick/one')).statusCode).toBe(504);
    release();
    expect(await (await slow).body.text()).toBe('done');
    await (await setting.send('/slow/two')).body.dump();
    expect(setting.upstream.seen.map(({ url }) => url)).toStrictEqual(['/one', '/two']);
  });

  test('a token that never comes is 504, and the API is not called', async () => {
    await using setting = await setUp({
      token: () => new Promise(() => {}),
      routes: routes({ timeout: 100 }),
    });
    const { cookie } = await setting.logIn();
    const answer = await setting.send('/api', { headers: { cookie } });
    expect(answer.statusCode).toBe(504);
    await answer.body.dump();
    expect(setting.upstream.seen).toStrictEqual([]);
  });

  test('without a timeout an idle stream is cut off', async () => {
    await using setting = await setUp({ timeout: Infinity, idleTimeout: 50 });
    const { cookie } = await setting.logIn();
    setting.upstream.answer = () => {};
    // undici counts idle time in steps of a second.
    expect((await setting.send('/api', { headers: { cookie } })).statusCode).toBe(504);
    setting.upstream.answer = (_, response) => void response.writeHead(200).write('.');
    const answer = await setting.send('/api', { headers: { cookie } });
    await expect(answer.body.text()).rejects.toBeInstanceOf(Error);
  });
});

test('if the client goes away, its request to the API is cancelled', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  setting.upstream.answer = (_, response) => void response.on('close', resolve);
  const socket = connect(setting.port, '127.0.0.1');
  socket.write(`GET /api HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`);
  await waitFor(() => expect(setting.upstream.seen).toHaveLength(1));
  socket.destroy();
  await gone;
  // It is not a failure.
  expect(setting.events).toStrictEqual([]);
});

describe('a stream ends with its session', () => {
  const openStream = async (setting: Setting, cookie: string) => {
    setting.upstream.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    };
    const { body } = await setting.send('/api', { headers: { cookie } });
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    return chunks;
  };

  test('at once, if the store has a feed of revocations; others stay', async () => {
    await using setting = await setUp();
    const [ann, bob] = [await setting.logIn('ann'), await setting.logIn('bob')];
    const stream = await openStream(setting, ann.cookie);
    const other = await openStream(setting, bob.cookie);
    await setting.sessions.revoke(ann.sessionId);
    await expect(stream.next()).rejects.toBeInstanceOf(Error);
    const silence = Symbol('silence');
    expect(await Promise.race([other.next(), sleep(50, silence)])).toBe(silence);
    expect(setting.events).toMatchObject([{ status: 0, reason: 'session_ended' }]);
  });

  test('and sessions of finished streams are not checked any more', async () => {
    const listeners: RevocationListener[] = [];
    const get = vi.fn<() => Promise<never>>();
    const subscribe = (listener: RevocationListener): (() => void) => {
      listeners.push(listener);
      return () => {};
    };
    await using setting = await setUp({ sessions: { get }, feed: { subscribe } });
    const { cookie } = await setting.logIn();
    await (await setting.send('/api', { headers: { cookie } })).body.dump();
    setting.upstream.answer = ({ socket }) => void socket.destroy();
    await (await setting.send('/api', { headers: { cookie } })).body.dump();
    for (const { connected } of listeners) connected(true);
    expect(get).not.toHaveBeenCalled();
    await openStream(setting, cookie);
    for (const { connected } of listeners) connected(true);
    expect(get).toHaveBeenCalledOnce();
  });

  test('when the proxy is closed', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    const stream = await openStream(setting, cookie);
    const closed = setting.proxy.close();
    await expect(stream.next()).rejects.toBeInstanceOf(Error);
    await closed;
  });

  test.each<[string, (setting: Setting, sessionId: string) => unknown, number, string]>([
    ['a logout', ({ sessions }, id) => sessions.revoke(id), 401, 'session_revoked'],
    [
      'the end of the proxy, which is not a logout',
      ({ proxy }) => proxy.close(),
      503,
      'unavailable',
    ],
  ])('before the response has begun, by %s', async (_, end, status, error) => {
    await using setting = await setUp();
    const { cookie, sessionId } = await setting.logIn();
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    setting.upstream.answer = () => resolve();
    const answer = setting.send('/api', { headers: { cookie } });
    await asked;
    const ended = end(setting, sessionId);
    const { statusCode, body } = await answer;
    expect([statusCode, ((await body.json()) as { error: string }).error]).toStrictEqual([
      status,
      error,
    ]);
    await ended;
  });
});
