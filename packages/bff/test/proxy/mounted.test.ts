import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, test } from 'vitest';
import { applications, elsewhere } from './applications.ts';
import { origin, setUp } from './setting.ts';

const listen = async (listener: RequestListener): Promise<Server> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

test.each(['node', 'express', 'fastify', 'hono'] as const)(
  'in %s the proxy has its routes, and the application all others',
  async (name) => {
    await using setting = await setUp();
    const server = await listen(await applications[name](setting.proxy, () => {}));
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
      const other = await fetch(`${url}/else`);
      expect([other.status, await other.text()]).toStrictEqual([404, elsewhere]);
      expect(setting.upstream.seen).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  },
);

test('mounted below a path, the whole URL still counts', async () => {
  await using setting = await setUp();
  const app = express();
  app.use('/api', async (request, response, next) => {
    if (!(await setting.proxy.handle(request, response))) next();
  });
  const server = await listen(app);
  try {
    const { cookie } = await setting.logIn();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/notes`;
    expect(await (await fetch(url, { headers: { cookie } })).json()).toMatchObject({
      url: '/v1/notes',
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('behind a body parser it throws, and forwards nothing', async () => {
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
    expect(String(thrown[0])).toContain('before body parsers');
    expect(setting.upstream.seen).toStrictEqual([]);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
