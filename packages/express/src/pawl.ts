import {
  createHttp,
  type Guard,
  type GuardOptions,
  type Http,
  type HttpOptions,
  nodeRequest,
  sendNode,
} from '@pawl/http';
import {
  applyGuard,
  applyLimit,
  applyToResponse,
  assertAllowed,
  authIfAny,
  createUpgradeGuard,
  deliverTo,
  type GuardedRequest,
  guardCall,
  type PawlBinding,
  refusalFor,
  requireAuth,
  setNodeHeaders,
  throwIfRefused,
} from '@pawl/http/binding';
import { type ErrorRequestHandler, type Response, Router } from 'express';
import type { AnyRequest, Middleware } from './request.ts';

interface ExpressTypes {
  readonly request: AnyRequest;
  readonly call: [req: AnyRequest, res: Response];
  readonly middleware: Middleware;
  readonly routes: Router;
  readonly errorHandler: ErrorRequestHandler;
}

/** Sessions in Express. A refusal goes to `next` as a `RefusedError`, for error middleware. */
export interface ExpressPawl<Claims, Data> extends PawlBinding<Claims, Data, ExpressTypes> {
  /** Requires a valid credential and sets `req.auth`. @throws ConfigurationError */
  guard(options?: GuardOptions<Claims, Data>): Middleware;
  /** Also accepts anonymous requests, with `req.auth` null. @throws ConfigurationError */
  optionalGuard(options?: GuardOptions<Claims, Data>): Middleware;
}

/**
 * Creates Pawl for Express from options, or from an existing `Http` such as `bff.http`.
 *
 * @throws ConfigurationError, naming the option
 * @example
 * const pawl = createPawl({ sessions, origin: 'https://app.example.com' });
 * app.get('/me', pawl.guard(), (req, res) => res.json({ user: pawl.auth(req).userId }));
 * app.use(pawl.routes(), pawl.errorHandler());
 */
export const createPawl = <Claims, Data>(
  options: HttpOptions<Claims, Data> | Http<Claims, Data>,
): ExpressPawl<Claims, Data> => {
  const http = createHttp(options);
  return {
    guard: (guardOptions) => middleware(http.guard(guardOptions)),
    optionalGuard: (guardOptions) => middleware(http.optionalGuard(guardOptions)),
    auth: (req) => requireAuth(req),
    authIfAny: (req) => authIfAny(req),
    rateLimit: (name, policy) => {
      const limit = http.rateLimit(name, policy);
      return safely(async (req, res, next) => {
        const headers = applyLimit(await limit(nodeRequest(req)));
        setNodeHeaders(res, { headers, cookies: [] });
        next();
      });
    },
    routes: () => {
      const router = Router();
      for (const { method, path, handle } of http.routes) {
        const verb = method.toLowerCase() as 'get' | 'post' | 'delete';
        const respond = safely(async (req, res) => {
          const parameters = req.params as unknown as Record<string, string>;
          sendNode(res, assertAllowed(await handle(nodeRequest(req), parameters)));
        });
        router[verb](path, respond);
      }
      return router;
    },
    assertOrigin: async (req) => throwIfRefused(await http.checkOrigin(nodeRequest(req))),
    login: (req, res, ...session) => deliverTo(res, () => http.login(nodeRequest(req), ...session)),
    elevate: (req, res, ...stepUp) =>
      deliverTo(res, () => http.elevate(nodeRequest(req), ...stepUp)),
    logout: async (req, res) => {
      applyToResponse(res, await http.logout(nodeRequest(req)));
    },
    upgrade: createUpgradeGuard(http),
    errorHandler:
      (otherwise = (error, _req, _res, next) => next(error)) =>
      (error, req, res, next) => {
        const refusal = res.headersSent ? null : refusalFor(error);
        return refusal ? sendNode(res, refusal) : otherwise(error, req, res, next);
      },
  };
};

const middleware = <Claims, Data>(guard: Guard<Claims, Data>): Middleware =>
  safely(async (req, res, next) => {
    const outcome = await guard(nodeRequest(req), guardCall(res));
    if (outcome.kind === 'redirected') return sendNode(res, outcome.response);
    (req as GuardedRequest).auth = applyGuard(outcome, res);
    next();
  });

/** Passes a rejection to `next` itself: Express 4 would end the process. */
const safely =
  (work: Middleware): Middleware =>
  (req, res, next) =>
    work(req, res, next).catch(next); // oxlint-disable-line promise/no-callback-in-promise -- what Express 5 does itself
