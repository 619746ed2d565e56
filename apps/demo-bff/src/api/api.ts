import type { IncomingMessage, Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { createMemoryStore } from '@pawl/memory';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import type { Config, Places } from '../config.ts';
import { listen } from '../listen.ts';
import { createAuthentication } from './caller.ts';

/** In bytes: the maximum size of a message. */
const messageLimit = 1_024;

const refusal = { 'www-authenticate': 'DPoP error="invalid_token", algs="ES256"' };

/** Starts the API: `GET /me` returns who called with which token, and `/echo` is a WebSocket that repeats every message. */
export const startApi = async (config: Config, places: Places): Promise<AsyncDisposable> => {
  const authenticate = createAuthentication(places, createMemoryStore());
  const app = new Hono();
  app.get('/me', async (c) => {
    const { method, path } = c.req;
    const caller = await authenticate({ method, path, header: (name) => c.req.header(name) });
    if (!caller) return c.json({ error: 'invalid_token' }, 401, refusal);
    return c.json({
      user: caller.user,
      token_id: caller.tokenId.slice(0, 6),
      expires_at: new Date(caller.expiresAt).toISOString(),
      key: caller.key.slice(0, 8),
    });
  });
  app.onError((_, c) => c.json({ error: 'unavailable' }, 503));

  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageLimit });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data as Buffer, { binary }));
    // After an error the socket closes by itself.
    socket.on('error', () => {});
  });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    socket.on('error', () => {});
    const [path = ''] = (request.url ?? '').split('?');
    const header = (name: string): IncomingMessage['headers'][string] => request.headers[name];
    const refuse = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    authenticate({ method: 'GET', path, header }).then(
      (caller) => {
        if (!caller) refuse('401 Unauthorized');
        else if (path !== '/echo') refuse('404 Not Found');
        else {
          sockets.handleUpgrade(request, socket, head, (open) => sockets.emit('connection', open));
        }
      },
      () => refuse('503 Service Unavailable'),
    );
  });
  await using started = new AsyncDisposableStack();
  started.use(await listen(server, config.apiPort, 'API_PORT'));
  started.defer(() => {
    for (const open of sockets.clients) open.terminate();
  });
  return started.move();
};
