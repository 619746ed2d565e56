import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { PendingCookies } from '../cookies/pending-cookies.ts';
import { guardResponseHead } from './response-head.ts';

const next = 'session=next; Max-Age=60; Path=/';
const due: PendingCookies = { cookies: [next], mayLeave: () => true };

/** Returns the response of a server whose handler gets a response with a pending cookie. */
const respond = async (
  finish: (response: ServerResponse) => void,
  before: (response: ServerResponse) => void = () => {},
  pending: PendingCookies = due,
): Promise<Response> => {
  const server = createServer((_, response) => {
    before(response);
    guardResponseHead(response, [], pending);
    finish(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    return await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' });
  } finally {
    server.close();
  }
};

const seen = ({ headers }: Response): unknown => ({
  cookies: headers.getSetCookie(),
  cache: headers.get('cache-control'),
  cdn: headers.get('cdn-cache-control'),
});
const uncached = { cookies: [next], cache: 'no-store', cdn: null };

const publicHeaders = { 'Cache-Control': 'public, max-age=600', 'CDN-Cache-Control': 'max-age=9' };

describe('a pending cookie leaves with the head, which no cache may store', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['end alone', (response) => response.end('x')],
    [
      'write, then end',
      (response) => {
        response.write('x');
        response.end();
      },
    ],
    [
      'flushHeaders',
      (response) => {
        response.flushHeaders();
        response.end();
      },
    ],
    [
      'setHeader',
      (response) => {
        for (const [name, value] of Object.entries(publicHeaders)) response.setHeader(name, value);
        response.end();
      },
    ],
    ['writeHead with an object', (response) => response.writeHead(200, publicHeaders).end()],
    ['writeHead with a reason', (response) => response.writeHead(200, 'OK', publicHeaders).end()],
    [
      'writeHead with a flat list',
      (response) => response.writeHead(200, Object.entries(publicHeaders).flat()).end(),
    ],
  ])('%s', async (_, finish) => {
    expect(seen(await respond(finish))).toEqual(uncached);
  });

  test('the other headers of a list stay, two cookies of two spellings as well', async () => {
    const list = ['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'X-One', '1'];
    const response = await respond((one) => one.writeHead(202, list).end());
    expect([response.status, response.headers.get('x-one')]).toEqual([202, '1']);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2', next]);
  });
});

describe('middleware that ran before', () => {
  /** As on-headers and its users do it: the last wrapper runs first. */
  const lastWord =
    (change: (response: ServerResponse) => void) =>
    (response: ServerResponse): void => {
      const writeHead = response.writeHead.bind(response) as (status: number) => ServerResponse;
      response.writeHead = ((status: number) => {
        change(response);
        return writeHead(status);
      }) as ServerResponse['writeHead'];
    };

  test.each<[string, (response: ServerResponse) => void]>([
    ['sets a header', (response) => void response.setHeader('cache-control', 'public')],
    ['appends to it', (response) => void response.appendHeader('Cache-Control', 'public')],
    ['removes it', (response) => response.removeHeader('Cache-Control')],
    ['tells a CDN', (response) => void response.setHeader('CDN-Cache-Control', 'max-age=9')],
  ])('%s at the last moment, in vain', async (_, change) => {
    expect(seen(await respond((response) => response.end('x'), lastWord(change)))).toEqual(
      uncached,
    );
  });

  test('may still set what no cache obeys', async () => {
    const change = (response: ServerResponse): void => void response.setHeader('x-late', '1');
    const response = await respond((one) => one.end(), lastWord(change));
    expect(response.headers.get('x-late')).toBe('1');
  });
});

describe('a pending cookie does not leave', () => {
  const cached = { cookies: [], cache: 'public', cdn: null };
  const publish = (response: ServerResponse): void =>
    void response.setHeader('cache-control', 'public').end();

  test('when it is too late, and the response is what the handler made it', async () => {
    const late = { cookies: [next], mayLeave: () => false };
    expect(seen(await respond(publish, undefined, late))).toEqual(cached);
  });

  test('when the response sets the cookie itself', async () => {
    const own = 'session=own; Path=/';
    const response = await respond((one) => one.setHeader('set-cookie', own).end());
    expect(response.headers.getSetCookie()).toEqual([own]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});

test('over HTTP/2 as well', async () => {
  const server = createHttp2Server((_, response) => {
    guardResponseHead(response, [], due);
    response.setHeader('cache-control', 'public');
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [headers] = (await once(client.request({ ':path': '/' }), 'response')) as [
    Record<string, unknown>,
  ];
  expect([headers['set-cookie'], headers['cache-control']]).toEqual([[next], 'no-store']);
  client.close();
  server.close();
});
