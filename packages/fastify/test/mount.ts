import type { AddressInfo } from 'node:net';
import websocket from '@fastify/websocket';
import type { Mount } from '@pawl/testkit/binding';
import { type FastifyPluginAsync, fastify, type RouteHandlerMethod } from 'fastify';
import { createPawl } from '../src/index.ts';

/** The application of the suite, in Fastify. */
export const mount: Mount = async (settings) => {
  const pawl = createPawl(settings.options);

  const login: RouteHandlerMethod = async (request, reply) => {
    const { session, options } = settings.login(request.query as Record<string, unknown>);
    const { body } = await pawl.login(request, reply, session, options);
    return { user: session.userId, ...body };
  };
  const application: FastifyPluginAsync = async (app) => {
    if (settings.touchResponses) {
      app.addHook('onRequest', async (_, reply) => {
        reply.header('set-cookie', 'lang=en; Path=/');
        reply.headers({
          'cache-control': 'public, max-age=60',
          vary: 'Accept-Encoding',
          'x-middleware': 'on',
        });
      });
    }
    await app.register(pawl.routes());
    app.post('/login', login);
    if (settings.options.rateLimits) {
      const onRequest = pawl.rateLimit('login');
      app.post('/sign-in', { onRequest }, async function signIn(request, reply) {
        const isKnown = settings.isPasswordRight(request.query as Record<string, unknown>);
        return isKnown ? login.call(this, request, reply) : reply.code(401).send('wrong');
      });
    }
    app.route({
      method: ['GET', 'POST'],
      url: '/mine',
      onRequest: pawl.guard(),
      handler: async (request) => {
        const { userId, sessionId } = pawl.auth(request);
        settings.onAuth(pawl.auth(request));
        return { user: userId, session: sessionId };
      },
    });
    app.get('/anyone', { onRequest: pawl.optionalGuard() }, async (request) => {
      settings.onAuth(pawl.authIfAny(request));
      return { user: pawl.authIfAny(request)?.userId ?? null };
    });
    app.post('/anyone/login', { preHandler: pawl.optionalGuard() }, login);
    app.get('/admin', { preHandler: pawl.guard(settings.admin) }, async () => 'in');
    app.post('/fresh', { onRequest: pawl.guard(settings.fresh) }, async () => 'in');
    app.get('/broken', { onRequest: pawl.guard(settings.broken) }, async () => 'in');
    app.post('/elevate', { onRequest: pawl.guard() }, async (request, reply) => {
      const { userId, sessionId } = pawl.auth(request);
      const { body } = await pawl.elevate(request, reply, sessionId ?? '', { acr: 'mfa' });
      return { user: userId, ...body };
    });
    app.post('/bye', async (request, reply) => {
      await pawl.logout(request, reply);
      return 'bye';
    });
    app.post('/sign-up', async (request) => {
      await pawl.assertOrigin(request);
      return 'welcome';
    });
    await app.register(async (scope) => {
      await scope.register(websocket);
      scope.get('/socket', { websocket: true, onRequest: pawl.guard() }, (socket, request) => {
        socket.send(pawl.auth(request).userId);
        socket.close();
      });
    });
    const cached = { 'cache-control': 'public, max-age=600', 'cdn-cache-control': 'max-age=600' };
    app.get('/cached', { onRequest: pawl.guard() }, async (_, reply) => {
      await settings.beforeResponse();
      return reply.headers(cached).send('cached');
    });
    app.post('/cached/login', async (request, reply) => {
      const { session, options } = settings.login(request.query as Record<string, unknown>);
      const { body } = await pawl.login(request, reply, session, options);
      return reply.headers(cached).send({ user: session.userId, ...body });
    });
    app.get('/bug', () => settings.throwBug());
    app.get('/lookup', () => settings.callStore());
  };

  // Pawl ignores which proxies the application trusts.
  const service = fastify({ trustProxy: true, forceCloseConnections: true });
  const onError = pawl.errorHandler((error, _, reply) =>
    reply.code((error as { statusCode?: number }).statusCode ?? 500).send('failed'),
  );
  service.setErrorHandler((error, request, reply) => {
    settings.onError(error);
    return onError(error, request, reply);
  });
  await service.register(application, { prefix: settings.prefix });
  await service.listen({ port: 0, host: '127.0.0.1' });
  return {
    url: `http://127.0.0.1:${(service.server.address() as AddressInfo).port}`,
    close: () => service.close(),
  };
};
