import { once } from 'node:events';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createSessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { createPawl } from '../src/index.ts';

test('upgrade refuses on the socket, and returns what the guard found', async () => {
  const sessions = createSessions({
    store: createMemoryStore(),
    secrets: ['a root secret of quite enough random bytes: 0123456789'],
  });
  const pawl = createPawl({ sessions, origin: 'http://localhost:8080' });
  const server = serve({ fetch: new Hono().fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  const found: unknown[] = [];
  server.on('upgrade', (incoming, socket) => {
    void pawl.upgrade(incoming, socket).then((auth) => {
      found.push(auth?.userId ?? null);
      if (auth) socket.end('HTTP/1.1 204 \r\nconnection: close\r\n\r\n');
    });
  });
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const statusOf = async (headers: Record<string, string>): Promise<number | undefined> => {
    const sent = request({
      port,
      host: '127.0.0.1',
      headers: { connection: 'upgrade', upgrade: 'websocket', ...headers },
    }).end();
    const [response] = (await once(sent, 'response')) as [{ statusCode?: number }];
    sent.destroy();
    return response.statusCode;
  };
  expect(await statusOf({})).toBe(401);
  const { accessToken } = await sessions.create({ userId: 'ann' });
  expect(await statusOf({ authorization: `Bearer ${accessToken}` })).toBe(204);
  expect(found).toEqual([null, 'ann']);
  server.close();
});
