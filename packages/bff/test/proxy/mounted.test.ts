import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { Proxy } from '../../src/proxy/proxy.ts';
import { origin, setUp } from './setting.ts';

type Mount = (proxy: Proxy) => Promise<RequestListener>;

const mounts: Record<string, Mount> = {
  express: async (proxy) => {
    const app = express();
    // Ahead of body parsers. Below a path of the application's own the whole URL still counts.
    app.use('/api', async (request, response, next) => {
      if (!(await proxy.handle(request, response))) next();
    });
    app.use(express.json());
    app.use((_, response) => void response.send('the application'));
    return app;
  },
  fastify: async (proxy) => {
    const app = fastify();
    // Before Fastify parses the body, or sends anything itself.
    app.addHook('onRequest', async (request, reply) => {
      if (!proxy.matches(request.raw)) return;
      reply.hijack();
      await proxy.handle(request.raw, reply.raw);
    });
    app.setNotFoundHandler(async (_, reply) => reply.code(200).send('the application'));
    await app.ready();
    return (request, response) => app.routing(request as IncomingMessage, response);
  },
  hono: async (proxy) => {
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.use(async (c, next) => {
      const { incoming, outgoing } = c.env;
      if (!(await proxy.handle(incoming as IncomingMessage, outgoing as never))) return next();
      return RESPONSE_ALREADY_SENT;
    });
    app.all('*', (c) => c.text('the application'));
    return getRequestListener(app.fetch) as RequestListener;
  },
};

const listen = async (listener: RequestListener): Promise<Server> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

describe.each(Object.entries(mounts))('in %s', (_, mount) => {
  test('the proxy has its routes, and the application all others', async () => {
    await using setting = await setUp();
    const server = await listen(await mount(setting.proxy));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const { cookie } = await setting.logIn();
      const headers = { cookie, origin, 'content-type': 'application/json' };
      const body = JSON.stringify({ hello: 'x'.repeat(200_000) });
      const posted = await fetch(`${url}/api/notes?q=1`, { method: 'POST', headers, body });
      expect(posted.status).toBe(200);
      expect(await posted.json()).toStrictEqual({ method: 'POST', url: '/v1/notes?q=1', body });
      expect((await fetch(`${url}/api/notes`)).status).toBe(401);
      expect((await fetch(`${url}/api/notes`, { method: 'PATCH', headers })).status).toBe(405);
      expect((await fetch(`${url}/api/..%2fadmin`, { headers })).status).toBe(400);
      expect(await (await fetch(`${url}/else`)).text()).toBe('the application');
      expect(setting.upstream.seen).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

test('behind a body parser it says so, and sends nothing up', async () => {
  await using setting = await setUp();
  const app = express();
  const thrown: unknown[] = [];
  app.use(express.json());
  app.use(async (request, response, next) => {
    if (!(await setting.proxy.handle(request, response))) next();
  });
  app.use(((error: unknown, _request, response, _next) => {
    thrown.push(error);
    response.status(500).end();
  }) as express.ErrorRequestHandler);
  const server = await listen(app);
  try {
    const { cookie } = await setting.logIn();
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, {
      method: 'POST',
      headers: { cookie, origin, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(500);
    expect(String(thrown[0])).toContain('ahead of body parsers');
    expect(setting.upstream.seen).toStrictEqual([]);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
