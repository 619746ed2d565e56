import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { origin, setUp } from '../../test/fixture.ts';
import { nodeRequest } from './request.ts';
import { upgradeRefusal } from './upgrade.ts';

/** A server that guards WebSockets, as an application would write it. */
const listen = async () => {
  const setting = setUp();
  const guard = setting.http.guard();
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    void (async () => {
      const outcome = await guard(nodeRequest(request));
      if (outcome.kind !== 'authenticated') {
        if (outcome.kind === 'refused') socket.end(upgradeRefusal(outcome.response));
        return;
      }
      const { userId } = outcome.auth;
      sockets.handleUpgrade(request, socket, head, (open) => {
        open.send(userId);
        open.close();
      });
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  /** Returns the first message of the server, or its refusal. */
  const open = (headers: ClientOptions['headers']): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const client = new WebSocket(`ws://127.0.0.1:${port}/live`, headers ? { headers } : {});
      client.on('message', (data: Buffer) => resolve(data.toString()));
      client.on('unexpected-response', (_request, response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          const { 'set-cookie': cookies, ...rest } = response.headers;
          resolve({
            status: response.statusCode,
            headers: rest,
            cookies,
            body: JSON.parse(text) as unknown,
          });
        });
      });
      client.on('error', reject);
    });
  return {
    ...setting,
    open,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

test('CS-07: a socket opens for the service’s own pages, and not for another site with its cookies', async () => {
  await using server = await listen();
  const ann = await server.browser('ann');
  const cookie = ann.headers['cookie'] ?? '';
  expect(await server.open({ cookie, origin })).toBe('ann');
  expect(await server.open({ authorization: `Bearer ${ann.access}` })).toBe('ann');
  for (const from of [{ origin: '' }, { origin: 'https://evil.example' }, { origin: 'null' }]) {
    expect(await server.open({ cookie, ...from })).toMatchObject({
      status: 403,
      headers: { 'cache-control': 'no-store', connection: 'close' },
      body: { error: 'csrf_violation' },
    });
  }
  expect(server.events.map(({ type }) => type)).toEqual(Array(3).fill('csrf.refused'));
});

test('a refused upgrade is a complete HTTP response', async () => {
  await using server = await listen();
  expect(await server.open({})).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Bearer', 'content-type': 'application/json' },
    body: { error: 'no_session' },
  });
  const ann = await server.browser('ann');
  await server.sessions.revoke(ann.sessionId);
  expect(await server.open(ann.headers)).toMatchObject({
    status: 401,
    body: { error: 'session_revoked' },
  });
  server.store.down = true;
  expect(await server.open(ann.headers)).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    body: { error: 'unavailable' },
  });
});

test('cookies and non-ASCII characters arrive, and an empty body has a length', () => {
  const response = { status: 403, headers: { a: 'b' }, cookies: ['c=1', 'd=2'] };
  expect(upgradeRefusal(response)).toBe(
    'HTTP/1.1 403 \r\na: b\r\nset-cookie: c=1\r\nset-cookie: d=2\r\n' +
      'content-length: 0\r\nconnection: close\r\n\r\n',
  );
  expect(upgradeRefusal({ ...response, cookies: [], body: { e: 'ü' } })).toBe(
    'HTTP/1.1 403 \r\na: b\r\ncontent-type: application/json\r\ncontent-length: 10\r\n' +
      'connection: close\r\n\r\n{"e":"ü"}',
  );
});
