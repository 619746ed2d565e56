import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server } from 'node:http';
import { fastifyCors } from '@fastify/cors';
import { createPawl } from '@pawl/fastify';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { inRequest, logRequest } from '../log.ts';
import { bodyLimit } from '../routes/body.ts';
import { limits } from '../routes/limits.ts';
import { notFound, unreadable } from '../routes/refused.ts';
import type { Answer, Call, Route } from '../routes/route.ts';
import type { Service } from '../service.ts';
import { answerToFailure } from './failure.ts';

/** The demo in Fastify. */
export const createFastifyServer = async (
  service: Service,
  routes: readonly Route[],
): Promise<Server> => {
  const { log, config } = service;
  const pawl = createPawl(service.http);
  const app = fastify({
    bodyLimit,
    // An address that cannot be read comes to no route, and is not repeated.
    frameworkErrors: (_error, _request, reply) => {
      respond(reply, unreadable);
    },
  });
  // Whoever says that there is JSON and sends none has sent none: a logout needs no body.
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      if (body === '') done(null, undefined);
      else void parse(request, body, done);
    },
  );

  const contexts = new WeakMap<FastifyRequest, ReturnType<typeof AsyncLocalStorage.snapshot>>();
  app.addHook('onRequest', (request, reply, done) =>
    inRequest((requestId) => {
      reply.header('x-request-id', requestId);
      contexts.set(request, AsyncLocalStorage.snapshot());
      done();
    }),
  );
  // Whoever reads the body comes back from the socket, and not from the request.
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
  await app.register(fastifyCors, { origin: config.corsOrigin, credentials: true, methods });
  const onRefusal = pawl.errorHandler();
  app.setErrorHandler((error, request, reply) => {
    const answer = answerToFailure(log, error);
    return answer ? respond(reply, answer) : onRefusal(error, request, reply);
  });
  app.setNotFoundHandler((_, reply) => respond(reply, notFound));
  await app.register(pawl.routes());

  const callOf = (request: FastifyRequest, reply: FastifyReply): Call => ({
    method: request.method,
    header: (name) => [request.headers[name]].flat()[0],
    parameters: request.params as Record<string, string>,
    json: async () => request.body,
    checkOrigin: () => pawl.assertOrigin(request),
    login: async (session, deliver) =>
      (await pawl.login(request, reply, session, { deliver })).body,
    elevate: async (sessionId, how) => (await pawl.elevate(request, reply, sessionId, how)).body,
    logout: () => pawl.logout(request, reply),
  });

  for (const { method, path: url, limit, guard, handle } of routes) {
    const guards = limit ? [pawl.rateLimit(limit, limits[limit])] : [];
    if (guard) guards.push(pawl.guard(guard));
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

const respond = (reply: FastifyReply, answer: Answer): FastifyReply => {
  const { status, headers = {}, json, content } = answer;
  return reply
    .code(status)
    .headers(headers)
    .send(json === undefined ? content : json);
};
