import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { withCookies } from '../cookies/pending-cookies.ts';
import { errorResponse } from '../errors.ts';
import { HttpError, isHttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import { jsonResponse, type Refusal } from '../response.ts';
import { isRefusedError, RefusedError, refusalFor } from './refused-error.ts';
import { nodeRequest } from './request.ts';
import { sendNode, setNodeHeaders } from './response.ts';

type Handler = (view: HttpRequest, request: IncomingMessage, response: ServerResponse) => unknown;

/** Returns what a server responds to raw bytes on a new socket. */
const ask = async (wire: string, handle: Handler): Promise<string> => {
  const server = createServer((request, response) => {
    void (async () => {
      try {
        const told = await handle(nodeRequest(request), request, response);
        if (!response.writableEnded) response.end(JSON.stringify(told ?? null));
      } catch (error) {
        response.statusCode = 500;
        response.end(JSON.stringify({ message: (error as Error).message }));
      }
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(wire);
  await once(socket, 'close');
  server.close();
  return text;
};

const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));

const get = (target: string, ...headers: readonly string[]): string =>
  `${[`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`;

const post = (body: string, ...headers: readonly string[]): string =>
  `${['POST / HTTP/1.1', 'Host: a', 'Connection: close', `Content-Length: ${body.length}`, ...headers].join('\r\n')}\r\n\r\n${body}`;

test('path and query are as they were sent', async () => {
  const told: Handler = (view) => [view.method, view.path, view.query];
  expect(bodyOf(await ask(get('/a%2Fb/../c?x=1?y&z'), told))).toEqual([
    'GET',
    '/a%2Fb/../c',
    'x=1?y&z',
  ]);
  expect(bodyOf(await ask(get('/a'), told))).toEqual(['GET', '/a', '']);
  expect(bodyOf(await ask(get('http://b.example:80/a?b'), told))).toEqual(['GET', '/a', 'b']);
  expect(bodyOf(await ask(get('//evil.example/a'), told))).toEqual(['GET', '//evil.example/a', '']);
});

test('the path includes a mount path that a framework has removed', async () => {
  const answer = await ask(get('/api/auth/refresh?x'), (_, request) => {
    const mounted = Object.assign(request, {
      originalUrl: request.url,
      url: '/auth/refresh?x',
    });
    return nodeRequest(mounted).path;
  });
  expect(bodyOf(answer)).toBe('/api/auth/refresh');
});

test('two views of one request have the same source', async () => {
  const answer = await ask(get('/'), (view, request) => view.source === request);
  expect(bodyOf(answer)).toBe(true);
});

test('remoteAddress is the socket’s peer', async () => {
  const answer = await ask(get('/', 'X-Forwarded-For: 192.0.2.1'), (view) => view.remoteAddress);
  expect(bodyOf(answer)).toBe('127.0.0.1');
});

test.each([
  'Authorization',
  'Cookie',
  'Content-Type',
  'Content-Encoding',
  'DPoP',
  'Forwarded',
  'Origin',
  'Referer',
  'Sec-Fetch-Mode',
  'Sec-Fetch-Site',
  'Transfer-Encoding',
  'User-Agent',
  'X-Forwarded-For',
])('two headers %s are visible', async (name) => {
  const one: Handler = (view) => view.header(name.toLowerCase()) ?? null;
  const values = name === 'Transfer-Encoding' ? ['identity', 'chunked'] : ['a=1', 'b=2'];
  const lines = values.map((value, i) => `${i ? name.toUpperCase() : name}: ${value}`);
  // The chunked body that Transfer-Encoding announces.
  const rest = name === 'Transfer-Encoding' ? '0\r\n\r\n' : '';
  const both = bodyOf(await ask(get('/', ...lines) + rest, one));
  const separator = name === 'Cookie' ? '; ' : ', ';
  expect([both].flat().join(separator)).toBe(values.join(separator));
  if (rest) return;
  expect(bodyOf(await ask(get('/', lines[0] ?? ''), one))).toBe('a=1');
  expect(bodyOf(await ask(get('/', `X-${lines[0]}`), one))).toBeNull();
});

const text: Handler = async (view) => {
  const bytes = await view.body(16);
  return bytes && new TextDecoder().decode(bytes);
};

test('a body is read up to the limit, whether chunked or not', async () => {
  const chunked = (...chunks: string[]): string =>
    get('/', 'Transfer-Encoding: chunked') +
    [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  expect(bodyOf(await ask(post('x'.repeat(16)), text))).toBe('x'.repeat(16));
  expect(bodyOf(await ask(post('x'.repeat(17)), text))).toBeNull();
  expect(bodyOf(await ask(chunked('x'.repeat(8), 'y'.repeat(8)), text))).toBe('xxxxxxxxyyyyyyyy');
  expect(bodyOf(await ask(chunked('x'.repeat(8), 'y'.repeat(9), 'z'), text))).toBeNull();
  expect(bodyOf(await ask(chunked('x'.repeat(17)), text))).toBeNull();
  expect(bodyOf(await ask(get('/'), text))).toBe('');
});

test('the response to a body that is too long arrives, and the connection stays open', async () => {
  const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
  const heads = [`Content-Length: ${100 * 0x8000}`, 'Transfer-Encoding: chunked'];
  const bodies = ['x'.repeat(100 * 0x8000), `${chunk.repeat(100)}0\r\n\r\n`];
  const wire = heads.map((head, i) => `POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n${bodies[i]}`);
  const answer = await ask(wire.join('') + get('/'), async (view, _, response) => {
    const body = await view.body(16);
    sendNode(response, jsonResponse(body === null ? 413 : 200, {}));
  });
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 413', 'HTTP/1.1 200']);
});

test('a client that disconnects early is a bad request, not a failure', async () => {
  const failed = Promise.withResolvers<unknown>();
  const server = createServer((request) => {
    nodeRequest(request).body(1_000).catch(failed.resolve);
    setTimeout(() => socket.destroy(), 10);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nhalf');
  expect(await failed.promise).toMatchObject({ code: 'ERR_REQUEST_INVALID' });
  server.close();
});

test('a body that a parser has consumed is taken from its result, within the limit', async () => {
  const parsed = async (body: unknown, type = 'application/json'): Promise<unknown> =>
    bodyOf(
      await ask(get('/', `Content-Type: ${type}`), (_, request) =>
        text(nodeRequest(Object.assign(request, { body })), request, {} as ServerResponse),
      ),
    );
  expect(await parsed({ a: 'b' })).toBe('{"a":"b"}');
  expect(await parsed('{"a":"b"}')).toBe('{"a":"b"}');
  expect(await parsed(Buffer.from('{"a":1}'))).toBe('{"a":1}');
  expect(await parsed([])).toBe('[]');
  expect(await parsed(7)).toBe('7');
  expect(await parsed({})).toBe('');
  expect(await parsed(null)).toBe('');
  expect(await parsed({ long: 'x'.repeat(16) })).toBeNull();
  const form = 'application/x-www-form-urlencoded; charset=utf-8';
  expect(await parsed({ a: 'b c', d: ['e', 'f'], g: { h: 'i' } }, form)).toBe('a=b+c&d=e&d=f');
});

test('a body that was read and dropped is an error, unless it was empty', async () => {
  const read: Handler = async (_, request, response) => {
    request.resume();
    await once(request, 'end');
    return text(nodeRequest(request), request, response);
  };
  expect(bodyOf(await ask(post('{}'), read))).toMatchObject({
    message: expect.stringContaining('read before') as string,
  });
  expect(bodyOf(await ask(get('/'), read))).toBe('');
  const late: Handler = async (view, request) => {
    const gone = once(request, 'close');
    request.destroy();
    await gone;
    return view.body(16).catch((error: unknown) => server.resolve(error));
  };
  const server = Promise.withResolvers<unknown>();
  await ask(post('{}'), late);
  expect(await server.promise).toMatchObject({ code: 'ERR_REQUEST_INVALID' });
});

test('a response is sent with every header, cookie and byte', async () => {
  const answer = await ask(get('/'), (_, __, response) =>
    sendNode(response, jsonResponse(201, { name: 'Zoë' }, ['a=1; Path=/', 'b=2'])),
  );
  const [head = '', body] = answer.split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 201 /);
  for (const line of [
    'cache-control: no-store',
    'content-type: application/json',
    'content-length: 15',
    'set-cookie: a=1; Path=/',
    'set-cookie: b=2',
  ]) {
    expect(head.toLowerCase().split('\r\n')).toContain(line.toLowerCase());
  }
  expect(Buffer.from(body ?? '', 'latin1').toString()).toBe('{"name":"Zoë"}');
  const empty = await ask(get('/'), (_, __, response) =>
    sendNode(response, { status: 204, headers: {}, cookies: [] }),
  );
  expect(empty).toMatch(/^HTTP\/1\.1 204 /);
  expect(empty).not.toMatch(/content-(type|length)/i);
});

test('CK-04: a cookie replaces an earlier one of its name, and others stay', async () => {
  expect(withCookies(undefined, ['a=1'])).toEqual(['a=1']);
  expect(withCookies('b=1', ['a=1'])).toEqual(['b=1', 'a=1']);
  expect(withCookies(['a=1; Path=/', 'ab=1'], ['a=2'])).toEqual(['ab=1', 'a=2']);
  const answer = await ask(get('/'), (_, __, response) => {
    response.setHeader('set-cookie', ['own=1', 'a=; Max-Age=0']);
    setNodeHeaders(response, { headers: {}, cookies: ['a=2'] });
    setNodeHeaders(response, { headers: {}, cookies: [] });
  });
  expect(answer.match(/set-cookie: .*/gi)).toEqual(['set-cookie: own=1', 'set-cookie: a=2']);
});

test('a RefusedError is recognized, and does not count as an HttpError', () => {
  const error = new HttpError('ERR_CREDENTIAL_MISSING', 'there is no credential');
  const refused = new RefusedError(errorResponse(error) as Refusal);
  expect([isRefusedError(refused), isHttpError(refused)]).toEqual([true, false]);
  expect([isRefusedError(error), isHttpError(error)]).toEqual([false, true]);
  expect([refusalFor(refused), refusalFor(error)?.status]).toEqual([refused.response, 401]);
  expect(refusalFor(new TypeError('a bug'))).toBeNull();
});
