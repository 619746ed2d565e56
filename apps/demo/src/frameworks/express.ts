import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createPawl } from '@pawl/express';
import cors from 'cors';
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { logRequest, runInRequest } from '../log.ts';
import { bodyLimit } from '../routes/body.ts';
import { notFound } from '../routes/demo-error.ts';
import { limits } from '../routes/limits.ts';
import { type Call, type Route, type RouteResponse, toLoginResult } from '../routes/route.ts';
import type { Service } from '../service.ts';
import { failureResponse } from './failure.ts';

/** The demo in Express. */
export const createExpressServer = (service: Service, routes: readonly Route[]): Server => {
  const { log, config } = service;
  const pawl = createPawl(service.http);
  const app = express();
  app.disable('x-powered-by');

  app.use((req, res, next) =>
    runInRequest((requestId) => {
      const started = performance.now();
      res.set('x-request-id', requestId);
      const onFinished = (): void => {
        const route = (req.route as { path?: string } | undefined)?.path ?? '*';
        logRequest(log, { method: req.method, route, status: res.statusCode }, started);
      };
      // A stream ends when the browser disconnects.
      res.once('close', AsyncLocalStorage.bind(onFinished));
      next();
    }),
  );
  app.use(cors({ origin: config.corsOrigin ?? false, credentials: true }));
  app.use(express.json({ limit: bodyLimit }));
  app.use(express.urlencoded({ limit: bodyLimit, extended: false }));

  const callOf = (req: Request, res: Response): Call => ({
    method: req.method,
    header: (name) => req.get(name),
    parameters: req.params as Record<string, string>,
    json: async () => req.body as unknown,
    form: async () => req.body as unknown,
    assertOrigin: () => pawl.assertOrigin(req),
    login: async (session, deliver) =>
      toLoginResult(await pawl.login(req, res, session, { deliver })),
    elevate: async (sessionId, how) => (await pawl.elevate(req, res, sessionId, how)).body,
    logout: () => pawl.logout(req, res),
  });

  for (const { method, path, limit, guard, isOptional, handle } of routes) {
    const verb = method.toLowerCase() as 'get' | 'post' | 'delete';
    const guards: RequestHandler[] = limit ? [pawl.rateLimit(limit, limits[limit])] : [];
    if (guard) guards.push(isOptional ? pawl.optionalGuard(guard) : pawl.guard(guard));
    app[verb](path, ...guards, async (req, res) => {
      await respond(res, await handle(callOf(req, res), pawl.authIfAny(req)));
    });
  }
  app.use(pawl.routes());
  app.use((_, res) => respond(res, notFound));
  const onError: ErrorRequestHandler = (error, _req, res, next) => {
    const response = res.headersSent ? null : failureResponse(log, error);
    if (response) void respond(res, response);
    else next(error);
  };
  app.use(onError, pawl.errorHandler());
  return createServer(app);
};

const respond = async (res: Response, response: RouteResponse): Promise<void> => {
  const { status, headers = {}, json, content } = response;
  res.status(status).set(headers);
  if (json !== undefined) res.json(json);
  else if (content instanceof ReadableStream) await stream(content, res);
  else res.end(content);
};

/** A client that disconnects early is not an error. */
const stream = (content: ReadableStream, res: Response): Promise<void> =>
  pipeline(Readable.fromWeb(content), res).catch(() => undefined);
