import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { origin, type Setting, setUp } from './setting.ts';

const { waitFor } = vi;

/** Sends the beginning of a request, and no more of it. */
const stall = (setting: Setting, text: string): { socket: Socket; received: () => string } => {
  let received = '';
  const socket = connect(setting.port, '127.0.0.1', () => socket.write(text));
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  socket.on('error', () => {});
  return { socket, received: () => received };
};

const chunked = (path: string, cookie: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\n` +
  `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`;

const underWay = (setting: Setting, count: number): Promise<void> =>
  waitFor(() => expect(setting.underWay()).toBe(count));

const get = async (setting: Setting, path: string, cookie = ''): Promise<number> => {
  const { statusCode, body } = await setting.send(path, { headers: { cookie } });
  await body.dump();
  return statusCode;
};

describe('PX-07: a slow body', () => {
  test.each(['/api', '/open'])(
    '%s: takes no connection, so that many of them cost nobody else anything',
    async (path) => {
      await using setting = await setUp({ maxConnections: 4, maxPerSession: 3, maxPerClient: 3 });
      const [ann, bob] = [await setting.logIn('ann'), await setting.logIn('bob')];
      const slow = Array.from({ length: 12 }, () => stall(setting, chunked(path, ann.cookie, 'x')));
      await underWay(setting, 12);
      expect(await get(setting, '/api', bob.cookie)).toBe(200);
      expect(await get(setting, '/api', ann.cookie)).toBe(200);
      expect(await get(setting, '/open')).toBe(200);
      expect(setting.upstream.seen).toHaveLength(3);
      // There is a limit for them as well.
      expect(await setting.raw(chunked(path, ann.cookie, 'x'))).toMatch(/^HTTP\/1\.1 429 /);
      for (const { socket } of slow) socket.destroy();
      await underWay(setting, 0);
    },
  );

  test('that stops arriving is 408, whatever its length', async () => {
    await using setting = await setUp({ clientTimeout: 200 });
    const { cookie } = await setting.logIn();
    const known = `POST /api HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nContent-Length: 9\r\n\r\nx`;
    for (const text of [chunked('/api', cookie, 'x'), known, chunked('/open', '', 'x')]) {
      const answer = await setting.raw(text);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('request_timeout');
      expect(answer.toLowerCase()).toContain('connection: close');
    }
    expect(setting.upstream.seen).toStrictEqual([]);
    expect(setting.events[0]).toMatchObject({
      type: 'client.limited',
      status: 408,
      reason: 'client_timeout',
    });
  });

  test('that trickles after its first 64 KiB is cut off, and its connection freed', async () => {
    await using setting = await setUp({ clientTimeout: 300 });
    const { cookie } = await setting.logIn();
    setting.upstream.readsBodies = false;
    let closed = false;
    setting.upstream.answer = (request, response) => {
      request.resume();
      response.on('close', () => {
        closed = true;
      });
    };
    const { socket, received } = stall(setting, chunked('/api', cookie, 'x'.repeat(70_000)));
    const trickle = setInterval(() => socket.write('1\r\nx\r\n'), 50);
    await waitFor(() => expect(received()).toMatch(/^HTTP\/1\.1 408 /), { timeout: 5_000 });
    clearInterval(trickle);
    await waitFor(() => expect(closed).toBe(true));
  });

  test('of a quick client that waits for a slow API is not cut off', async () => {
    await using setting = await setUp({ clientTimeout: 200 });
    const { cookie } = await setting.logIn();
    setting.upstream.readsBodies = false;
    setting.upstream.answer = async (request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      let length = 0;
      for await (const chunk of request) length += (chunk as Buffer).length;
      response.end(String(length));
    };
    const bytes = Buffer.alloc(9_000_000);
    const answer = await setting.send('/api', {
      method: 'POST',
      headers: { cookie, origin },
      body: Readable.from([bytes]),
    });
    expect([answer.statusCode, await answer.body.text()]).toStrictEqual([200, '9000000']);
  });

  test('leaves connections for other requests, however many long bodies there are', async () => {
    await using setting = await setUp({
      maxConnections: 4,
      maxPerSession: 4,
      maxPerClient: 4,
      maxUploads: 1,
      queueTimeout: 300,
    });
    const { cookie } = await setting.logIn();
    setting.upstream.readsBodies = false;
    setting.upstream.answer = (request, response) => {
      request.resume();
      if (request.method === 'GET') response.end();
    };
    const long = chunked('/api', cookie, 'x'.repeat(70_000));
    const first = stall(setting, long);
    await waitFor(() => expect(setting.upstream.seen).toHaveLength(1));
    const second = stall(setting, long);
    await waitFor(() => expect(second.received()).toMatch(/^HTTP\/1\.1 503 /), { timeout: 5_000 });
    expect(await get(setting, '/api', cookie)).toBe(200);
    first.socket.destroy();
    await underWay(setting, 0);
  });
});

test('PX-07: a client that does not read is cut off, and its connection freed', async () => {
  await using setting = await setUp({ clientTimeout: 300 });
  const { cookie } = await setting.logIn();
  let closed = false;
  setting.upstream.answer = (_, response) => {
    response.on('close', () => {
      closed = true;
    });
    const chunk = Buffer.alloc(65_536);
    Readable.from(
      (function* () {
        for (let index = 0; index < 1_000; index++) yield chunk;
      })(),
    ).pipe(response);
  };
  const { socket } = stall(setting, `GET /api HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`);
  socket.pause();
  await waitFor(() => expect(closed).toBe(true), { timeout: 10_000 });
  await underWay(setting, 0);
  expect(setting.events).toMatchObject([
    { type: 'client.limited', status: 0, reason: 'client_timeout' },
  ]);
  socket.destroy();
});

describe('PX-07: requests in progress', () => {
  const hang = (setting: Setting): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    setting.upstream.answer = async (request, response) => {
      if (request.url !== '/quick') await promise;
      response.end();
    };
    return resolve;
  };

  test('of one session leave room for others; more of them wait, and then are 429', async () => {
    await using setting = await setUp({ maxConnections: 8, maxPerSession: 2 });
    const [ann, bob] = [await setting.logIn('ann'), await setting.logIn('bob')];
    const release = hang(setting);
    const many = Array.from({ length: 12 }, () => get(setting, '/api/slow', ann.cookie));
    await waitFor(() => expect(setting.upstream.seen).toHaveLength(2));
    // Two inside and eight waiting: there is no place for the rest.
    expect(await Promise.race(many)).toBe(429);
    setting.upstream.seen.length = 0;
    const other = get(setting, '/api/slow', bob.cookie);
    await waitFor(() => expect(setting.upstream.seen).toHaveLength(1));
    release();
    expect(await other).toBe(200);
    const statuses = await Promise.all(many);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
    expect(setting.events).toContainEqual(
      expect.objectContaining({ type: 'client.limited', status: 429 }),
    );
  });

  test('of public routes use connections of their own, however many clients there are', async () => {
    let clients = 0;
    await using setting = await setUp({
      maxConnections: 4,
      maxPublicConnections: 4,
      queueTimeout: 5_000,
      clientAddress: () => {
        clients += 1;
        return `192.0.2.${clients}`;
      },
    });
    const { cookie } = await setting.logIn();
    const release = hang(setting);
    const many = Array.from({ length: 8 }, () => get(setting, '/open/slow'));
    await waitFor(() => expect(setting.upstream.seen).toHaveLength(4));
    setting.upstream.answer = (_, response) => void response.end();
    expect(await get(setting, '/api', cookie)).toBe(200);
    release();
    expect(new Set(await Promise.all(many))).toStrictEqual(new Set([200]));
  });

  test('of one client address leave room for other addresses', async () => {
    let address = '192.0.2.1';
    await using setting = await setUp({
      maxPublicConnections: 4,
      maxPerClient: 2,
      clientAddress: () => address,
    });
    const release = hang(setting);
    const many = Array.from({ length: 6 }, () => get(setting, '/open/slow'));
    await waitFor(() => expect(setting.upstream.seen).toHaveLength(2));
    address = '192.0.2.2';
    expect(await get(setting, '/open/quick')).toBe(200);
    release();
    expect(new Set(await Promise.all(many))).toStrictEqual(new Set([200]));
  });

  test('that wait too long for a connection are 503', async () => {
    let address = '192.0.2.1';
    await using setting = await setUp({
      maxConnections: 1,
      queueTimeout: 200,
      clientAddress: () => address,
    });
    const release = hang(setting);
    const [ann, bob] = [await setting.logIn('ann'), await setting.logIn('bob')];
    const slow = get(setting, '/api/slow', ann.cookie);
    await waitFor(() => expect(setting.upstream.seen).toHaveLength(1));
    address = '192.0.2.2';
    const answer = await setting.send('/api/slow', { headers: { cookie: bob.cookie } });
    expect([answer.statusCode, answer.headers['retry-after']]).toStrictEqual([503, '1']);
    await answer.body.dump();
    release();
    expect(await slow).toBe(200);
    expect(await get(setting, '/api/slow', bob.cookie)).toBe(200);
    // What was refused is not sent later.
    expect(setting.upstream.seen).toHaveLength(2);
  });
});
