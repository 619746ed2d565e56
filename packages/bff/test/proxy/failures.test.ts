import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { origin, setUp } from './setting.ts';

describe('502', () => {
  test('an API that is not running', async () => {
    await using setting = await setUp({
      routes: () => [{ path: '/api', methods: ['GET'], target: 'http://127.0.0.1:1' }],
    });
    const { cookie } = await setting.logIn();
    const answer = await setting.send('/api', { headers: { cookie } });
    expect(answer.statusCode).toBe(502);
    expect(await answer.body.json()).toStrictEqual({
      error: 'bad_gateway',
      message: 'the API cannot be reached',
    });
    expect(setting.events).toMatchObject([{ status: 502, reason: 'ECONNREFUSED' }]);
  });

  test('an API that closes the connection, or does not speak HTTP', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    for (const end of [
      '',
      'SSH-2.0-OpenSSH\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    ]) {
      setting.upstream.answer = ({ socket }) => void socket.end(end);
      expect((await setting.send('/api', { headers: { cookie } })).statusCode).toBe(502);
    }
  });

  test('endless headers', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    setting.upstream.answer = ({ socket }) =>
      void socket.end(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`);
    expect((await setting.send('/api', { headers: { cookie } })).statusCode).toBe(502);
  });

  test('a response that breaks off does not look complete', async () => {
    await using setting = await setUp();
    const { cookie } = await setting.logIn();
    setting.upstream.answer = ({ socket }, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half', () => socket.destroy());
    };
    const answer = await setting.send('/api', { headers: { cookie } });
    await expect(answer.body.text()).rejects.toBeInstanceOf(Error);
  });
});

describe('limits', () => {
  test('a body that is too large is 413: by its length, before the API is called', async () => {
    await using setting = await setUp({ bodyLimit: 10 });
    const { cookie } = await setting.logIn();
    const headers = { cookie, origin };
    const exact = await setting.send('/api', { method: 'POST', headers, body: 'x'.repeat(10) });
    expect(exact.statusCode).toBe(200);
    const longer = await setting.send('/api', { method: 'POST', headers, body: 'x'.repeat(11) });
    expect(longer.statusCode).toBe(413);
    expect(await longer.body.json()).toMatchObject({ error: 'payload_too_large' });
    expect(setting.upstream.seen).toHaveLength(1);
  });

  test('and by counting, if it is chunked', async () => {
    await using setting = await setUp({ bodyLimit: 100_000 });
    const { cookie } = await setting.logIn();
    const send = async (length: number) =>
      setting.send('/api', {
        method: 'POST',
        headers: { cookie, origin },
        body: Readable.from([Buffer.alloc(length - 1), Buffer.alloc(1)]),
      });
    expect((await send(100_000)).statusCode).toBe(200);
    expect((await send(100_001)).statusCode).toBe(413);
    expect(setting.upstream.seen).toHaveLength(1);
  });

  test('a response that is too large is 502, or cut off', async () => {
    await using setting = await setUp({ responseLimit: 10 });
    const { cookie } = await setting.logIn();
    const headers = { cookie };
    setting.upstream.answer = (_, response) => void response.end('x'.repeat(10));
    expect(await (await setting.send('/api', { headers })).body.text()).toBe('xxxxxxxxxx');
    setting.upstream.answer = (_, response) => void response.end('x'.repeat(11));
    expect((await setting.send('/api', { headers })).statusCode).toBe(502);
    setting.upstream.answer = (_, response) => {
      response.write('x'.repeat(10));
      setTimeout(() => response.end('x'), 20);
    };
    const cut = await setting.send('/api', { headers });
    await expect(cut.body.text()).rejects.toBeInstanceOf(Error);
  });
});

test('an event listener that rejects is logged, and changes nothing', async () => {
  const unhandled = vi.fn<(error: unknown) => void>();
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  process.on('unhandledRejection', unhandled);
  onTestFinished(() => {
    process.off('unhandledRejection', unhandled);
    logged.mockRestore();
  });
  const failure = new Error('no');
  await using setting = await setUp({
    onEvent: async () => {
      throw failure;
    },
    routes: () => [{ path: '/api', methods: ['GET'], target: 'http://127.0.0.1:1' }],
  });
  const { cookie } = await setting.logIn();
  const response = await setting.send('/api', { headers: { cookie } });
  expect(response.statusCode).toBe(502);
  await new Promise((resolve) => setImmediate(resolve));
  expect(logged).toHaveBeenCalledExactlyOnceWith(expect.any(String), failure);
  expect(unhandled).not.toHaveBeenCalled();
});
