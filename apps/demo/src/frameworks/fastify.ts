import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server } from 'node:http';
import { fastifyCors } from '@fastify/cors';
import { createPawl } from '@pawl/fastify';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { logRequest, runInRequest } from '../log.ts';
import { bodyLimit, fieldsOf } from '../routes/body.ts';
import { notFound, unreadable } from '../routes/demo-error.ts';
import { limits } from '../routes/limits.ts';
import { type Call, type Route, type RouteResponse, toLoginResult } from '../routes/route.ts';
import type { Service } from '../service.ts';
import { failureResponse } from './failure.ts';

/** The demo in Fastify. */
export const createFastifyServer = async (
  service: Service,
  routes: readonly Route[],
): Promise<Server> => {
  const { log, config } = service;
  const pawl = createPawl(service.http);
  const app = fastify({
    bodyLimit,
    // A URL that cannot be parsed reaches no route, and is not quoted.
    frameworkErrors: (_error, _request, reply) => {
      respond(reply, unreadable);
    },
  });
  // An empty JSON body counts as no body: a logout needs none.
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      if (body === '') done(null, undefined);
      else void parse(request, body, done);
    },
  );
  app.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, fieldsOf(body)),
  );

  const contexts = new WeakMap<FastifyRequest, ReturnType<typeof AsyncLocalStorage.snapshot>>();
  app.addHook('onRequest', (request, reply, done) =>
    runInRequest((requestId) => {
      reply.header('x-request-id', requestId);
      contexts.set(request, AsyncLocalStorage.snapshot());
      done();
    }),
  );
  // After the body was read, the code runs in the context of the socket and not of the request.
  app.addHook('preValidation', (request, _reply, done) => inside(request, done));
  app.addHook('onResponse', (request, reply, done) => {
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? '*',
      status: reply.statusCode,
    };
    inside(request, () => logRequest(log, line, performance.now() - reply.elapsedTime));
    done();
  });
  const inside = (request: FastifyRequest, work: () => void): void => {
    const context = contexts.get(request);
    if (context) context(work);
    else work();
  };

  const methods = ['GET', 'HEAD', 'POST', 'DELETE'];
  await app.register(fastifyCors, {
    origin: config.corsOrigin ?? false,
    credentials: true,
    methods,
  });
  const onRefusal = pawl.errorHandler();
  app.setErrorHandler((error, request, reply) => {
    const response = failureResponse(log, error);
    return response ? respond(reply, response) : onRefusal(error, request, reply);
  });
  app.setNotFoundHandler((_, reply) => respond(reply, notFound));
  await app.register(pawl.routes());

  const callOf = (request: FastifyRequest, reply: FastifyReply): Call => ({
    method: request.method,
    header: (name) => [request.headers[name]].flat()[0],
    parameters: request.params as Record<string, string>,
    json: async () => request.body,
    form: async () => request.body,
    assertOrigin: () => pawl.assertOrigin(request),
    login: async (session, deliver) =>
      toLoginResult(await pawl.login(request, reply, session, { deliver })),
    elevate: async (sessionId, how) => (await pawl.elevate(request, reply, sessionId, how)).body,
    logout: () => pawl.logout(request, reply),
  });

  for (const { method, path: url, limit, guard, isOptional, handle } of routes) {
    const guards = limit ? [pawl.rateLimit(limit, limits[limit])] : [];
    if (guard) guards.push(isOptional ? pawl.optionalGuard(guard) : pawl.guard(guard));
    app.route({
      method,
      url,
      onRequest: guards,
      handler: async (request, reply) =>
        respond(reply, await handle(callOf(request, reply), pawl.authIfAny(request))),
    });
  }
  await app.ready();
  return app.server;
};

const respond = (reply: FastifyReply, response: RouteResponse): FastifyReply => {
  const { status, headers = {}, json, content } = response;
  return reply
    .code(status)
    .headers(headers)
    .send(json === undefined ? content : json);
};
