import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve, upgradeWebSocket, type WebSocketServerLike } from '@hono/node-server';
import type { Mount } from '@pawl/testkit/binding';
import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { WebSocketServer } from 'ws';
import { createPawl } from '../src/index.ts';

/** The application of the suite, in Hono. */
export const mount: Mount = async (settings) => {
  const pawl = createPawl(settings.options);
  const app = new Hono();
  if (settings.touchResponses) {
    app.use(async (c, next) => {
      setCookie(c, 'lang', 'en');
      c.header('cache-control', 'public, max-age=60');
      c.header('vary', 'Accept-Encoding');
      c.header('x-middleware', 'on');
      await next();
    });
  }
  if (settings.parseBodies) {
    app.use(async (c, next) => {
      if (c.req.header('content-type') === 'application/json') await c.req.json();
      await next();
    });
  }

  const login = async (c: Context) => {
    const { session, options } = settings.login(c.req.query());
    const { body } = await pawl.login(c, session, options);
    return c.json({ user: session.userId, ...body });
  };
  app.post('/login', login);
  if (settings.options.rateLimits) {
    app.post('/sign-in', pawl.rateLimit('login'), async (c) =>
      settings.isPasswordRight(c.req.query()) ? login(c) : c.text('wrong', 401),
    );
  }
  app.on(['GET', 'POST'], '/mine', pawl.guard(), (c) => {
    settings.onAuth(c.var.auth);
    return c.json({ user: c.var.auth.userId, session: c.var.auth.sessionId });
  });
  app.get('/anyone', pawl.optionalGuard(), (c) => {
    settings.onAuth(c.var.auth);
    return c.json({ user: c.var.auth?.userId ?? null });
  });
  app.post('/anyone/login', pawl.optionalGuard(), login);
  app.get('/admin', pawl.guard(settings.admin), (c) => c.text('in'));
  app.post('/fresh', pawl.guard(settings.fresh), (c) => c.text('in'));
  app.get('/broken', pawl.guard(settings.broken), (c) => c.text('in'));
  app.post('/elevate', pawl.guard(), async (c) => {
    const { userId, sessionId } = c.var.auth;
    const { body } = await pawl.elevate(c, sessionId ?? '', { acr: 'mfa' });
    return c.json({ user: userId, ...body });
  });
  app.post('/bye', async (c) => {
    await pawl.logout(c);
    return c.text('bye');
  });
  app.post('/sign-up', async (c) => {
    await pawl.assertOrigin(c);
    return c.text('welcome');
  });
  const cached = { 'cache-control': 'public, max-age=600', 'cdn-cache-control': 'max-age=600' };
  app.get('/cached', pawl.guard(), async (c) => {
    await settings.beforeResponse();
    return c.text('cached', 200, cached);
  });
  app.post('/cached/login', async (c) => {
    const { session, options } = settings.login(c.req.query());
    const { body } = await pawl.login(c, session, options);
    return c.json({ user: session.userId, ...body }, 200, cached);
  });
  app.get('/bug', () => settings.throwBug());
  app.get('/lookup', async (c) => c.json(await settings.callStore()));
  app.get(
    '/socket',
    pawl.guard(),
    upgradeWebSocket((c: Context) => ({
      onOpen: (_, socket) => {
        socket.send((c.var as { auth: { userId: string } }).auth.userId);
        socket.close();
      },
    })),
  );
  app.route('/', pawl.routes());

  const outer = new Hono().route(settings.prefix || '/', app);
  const onError = pawl.errorHandler((_, c) => c.text('failed', 500));
  outer.onError((error, c) => {
    settings.onError(error);
    return onError(error, c);
  });
  // Their types differ in a property that may be undefined.
  const sockets = new WebSocketServer({ noServer: true }) as unknown as WebSocketServerLike;
  const server = serve({
    fetch: outer.fetch,
    port: 0,
    hostname: '127.0.0.1',
    websocket: { server: sockets },
  }) as Server;
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
