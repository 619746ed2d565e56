import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import express, { type ErrorRequestHandler } from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import type { ApiProxy } from '../../src/proxy/proxy.ts';

/** The response of the application itself. */
export const elsewhere = 'not the proxy';

/**
 * Mounts a proxy as its README says. A request that matches no route is 404, `elsewhere`.
 *
 * @param failed called with an error that HTTP has no response for; the response is 500
 */
type Mount = (
  proxy: ApiProxy,
  failed: (error: unknown) => void,
) => RequestListener | Promise<RequestListener>;

const node: Mount = (proxy, failed) =>
  inFrontOf(proxy, failed, (_, response) => {
    response.writeHead(404).end(elsewhere);
  });

const inFrontOf =
  (
    proxy: ApiProxy,
    failed: (error: unknown) => void,
    application: RequestListener,
  ): RequestListener =>
  async (request, response) => {
    try {
      if (!(await proxy.handle(request, response))) application(request, response);
    } catch (error) {
      failed(error);
      response.writeHead(500).end();
    }
  };

const inExpress: Mount = (proxy, failed) => {
  const app = express();
  app.use(async (request, response, next) => {
    if (!(await proxy.handle(request, response))) next();
  });
  app.use((_, response) => {
    response.status(404).send(elsewhere);
  });
  // Express recognizes an error handler by its four parameters.
  const onError: ErrorRequestHandler = (error, _request, response, _next) => {
    failed(error);
    response.status(500).end();
  };
  app.use(onError);
  return app;
};

const inFastify: Mount = async (proxy, failed) => {
  const app = fastify();
  app.addHook('onRequest', async (request, reply) => {
    if (await proxy.handle(request.raw, reply.raw)) reply.hijack();
  });
  app.setErrorHandler((error, _, reply) => {
    failed(error);
    return reply.code(500).send();
  });
  app.setNotFoundHandler((_, reply) => reply.code(404).send(elsewhere));
  await app.ready();
  return (request, response) => app.routing(request, response);
};

const inHono: Mount = (proxy, failed) => {
  const app = new Hono();
  app.notFound((c) => c.text(elsewhere, 404));
  return inFrontOf(proxy, failed, getRequestListener(app.fetch) as RequestListener);
};

export const applications: Readonly<Record<'node' | 'express' | 'fastify' | 'hono', Mount>> = {
  node,
  express: inExpress,
  fastify: inFastify,
  hono: inHono,
};

declare module 'vitest' {
  interface ProvidedContext {
    /** The framework that the proxy is mounted in. */
    proxyIn: keyof typeof applications;
  }
}
