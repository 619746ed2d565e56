import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createPawl as expressPawl } from '@pawl/express';
import { createPawl as fastifyPawl } from '@pawl/fastify';
import { createPawl as honoPawl } from '@pawl/hono';
import { createMemoryStore } from '@pawl/memory';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { afterEach, expect, test } from 'vitest';
import { type Bff, createBff } from '../src/bff.ts';
import { createProxy, type Proxy } from '../src/proxy.ts';
import { openBrowser } from './browser.ts';
import { startProvider } from './provider.ts';
import { clientSecret, secret } from './service.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
type AnyBff = Bff<Record<string, unknown>, Record<string, unknown>>;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const listen = async (
  listener?: Listener,
): Promise<{ port: number; on: (l: Listener) => void }> => {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return {
    port: (server.address() as AddressInfo).port,
    on: (later) => server.on('request', later),
  };
};

const frameworks: [string, (bff: AnyBff) => Promise<Listener>][] = [
  [
    'Hono',
    async (bff) => {
      const app = new Hono();
      app.route('/', honoPawl(bff.http).routes());
      app.get('/', (c) => c.text('a page'));
      const listener = getRequestListener(app.fetch);
      return (request, response) => void listener(request, response);
    },
  ],
  [
    'Express',
    async (bff) => {
      const app = express();
      const pawl = expressPawl(bff.http);
      app.use(pawl.routes());
      app.get('/', (_, response) => {
        response.send('a page');
      });
      app.use(pawl.errorHandler());
      return app as Listener;
    },
  ],
  [
    'Fastify',
    async (bff) => {
      const app = Fastify();
      await app.register(fastifyPawl(bff.http).plugin);
      app.get('/', async () => 'a page');
      await app.ready();
      closers.push(() => app.close());
      return (request, response) => app.routing(request, response);
    },
  ],
];

test.each(frameworks)(
  'in %s: a login, the API over an expiry, and the back channel',
  {
    timeout: 30_000,
  },
  async (_, mount) => {
    const asked: (string | undefined)[] = [];
    const api = await listen((request, response) => {
      asked.push(request.headers.authorization);
      response.end('orders');
    });
    const { port, on } = await listen();
    const origin = `http://localhost:${port}`;
    const provider = await startProvider({ origin });
    closers.push(() => provider.close());
    let ahead = 0;
    const store = createMemoryStore();
    const bff: AnyBff = createBff({
      issuer: provider.issuer,
      clientId: 'bff',
      clientSecret,
      origin,
      store,
      secrets: [secret],
      authorizationParameters: { prompt: 'consent' },
      clock: () => Date.now() + ahead,
    });
    const proxy: Proxy = createProxy({
      guard: bff.http.guard(),
      tokens: bff.upstream,
      sessions: bff.sessions,
      feed: store.sessions,
      routes: [{ path: '/api', methods: ['GET'], target: `http://127.0.0.1:${api.port}` }],
    });
    closers.push(() => bff.close());
    closers.push(() => proxy.close());
    const listener = await mount(bff);
    on((request, response) => {
      void proxy.handle(request, response).then((taken) => {
        if (!taken) listener(request, response);
      });
    });

    const browser = openBrowser(origin);
    expect((await browser.call(`${origin}/api/orders`)).status).toBe(401);
    const visit = await browser.go(`${origin}/bff/login`);
    expect([visit.status, visit.text]).toEqual([200, 'a page']);
    const call = () => browser.call(`${origin}/api/orders`);
    expect((await call()).text).toBe('orders');
    ahead = 3_600_000;
    const answers = await Promise.all(Array.from({ length: 20 }, call));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(provider.grants.get('refresh_token')).toBe(1);
    expect(new Set(asked).size).toBe(2);
    for (const token of asked) expect(provider.secrets).toContain(token?.replace('Bearer ', ''));

    ahead = 0;
    await browser.go(`${provider.issuer}/session/end`, origin);
    expect((await call()).status).toBe(401);
    expect((await browser.call(`${origin}/bff/session`)).json()).toEqual({ authenticated: false });
    for (const token of provider.secrets) expect(browser.seen.join('\n')).not.toContain(token);
  },
);
