import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { createPawl } from '@pawl/hono';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit as limitBody } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';
import { logRequest, runInRequest } from '../log.ts';
import { bodyLimit, fieldsOf } from '../routes/body.ts';
import { bodyTooLarge, DemoError, notFound } from '../routes/demo-error.ts';
import { limits } from '../routes/limits.ts';
import {
  type Call,
  type DemoAuth,
  type Route,
  type RouteResponse,
  toLoginResult,
} from '../routes/route.ts';
import type { Service } from '../service.ts';
import { failureResponse } from './failure.ts';

/** The demo in Hono. */
export const createHonoServer = (service: Service, routes: readonly Route[]): Server => {
  const { log, config } = service;
  const pawl = createPawl(service.http);
  const app = new Hono();

  app.use((c, next) =>
    runInRequest(async (requestId) => {
      const started = performance.now();
      c.header('x-request-id', requestId);
      await next();
      const line = { method: c.req.method, route: routePath(c, -1), status: c.res.status };
      logRequest(log, line, started);
    }),
  );
  app.use(cors({ origin: config.corsOrigin ?? [], credentials: true }));
  app.use(
    limitBody({
      maxSize: bodyLimit,
      onError: () => {
        throw bodyTooLarge();
      },
    }),
  );
  const onRefusal = pawl.errorHandler();
  app.onError((error, c) => {
    const response = error instanceof HTTPException ? null : failureResponse(log, error);
    return response ? respond(c, response) : onRefusal(error, c);
  });
  app.notFound((c) => respond(c, notFound));

  const callOf = (c: Context): Call => ({
    method: c.req.method,
    header: (name) => c.req.header(name),
    parameters: c.req.param(),
    json: () => c.req.json<unknown>().catch(undefinedUnlessTooLarge),
    form: async () => fieldsOf(await c.req.text()),
    assertOrigin: () => pawl.assertOrigin(c),
    login: async (session, deliver) => toLoginResult(await pawl.login(c, session, { deliver })),
    elevate: async (sessionId, how) => (await pawl.elevate(c, sessionId, how)).body,
    logout: () => pawl.logout(c),
  });

  for (const { method, path, limit, guard, isOptional, handle } of routes) {
    const guards: MiddlewareHandler[] = limit ? [pawl.rateLimit(limit, limits[limit])] : [];
    if (guard) guards.push(isOptional ? pawl.optionalGuard(guard) : pawl.guard(guard));
    app.on(method, [path], ...guards, async (c) => {
      const auth = guard ? ((c as Context).get('auth') as DemoAuth | null) : null;
      return respond(c, await handle(callOf(c), auth));
    });
  }
  app.route('/', pawl.routes());
  return createAdaptorServer({ fetch: app.fetch }) as Server;
};

/** A body that is not JSON is undefined; one that is too large is an error. */
const undefinedUnlessTooLarge = (error: unknown): undefined => {
  if (error instanceof DemoError) throw error;
  return undefined;
};

const respond = (c: Context, { status, headers = {}, json, content }: RouteResponse): Response => {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  if (json !== undefined) return c.json(json, status as ContentfulStatusCode);
  return c.newResponse(content ?? null, status as StatusCode);
};
