import {
  createHttp,
  type Guard,
  type GuardOptions,
  type GuardOutcome,
  type Http,
  type HttpOptions,
  type LoginOptions,
  type LoginResponse,
  type NodeRequest,
  nodeRequest,
  type RateLimitPolicy,
  sendNode,
  upgradeRefusal,
} from '@pawl/http';
import {
  applyGuard,
  applyLimit,
  applyToResponse,
  assertAllowed,
  authIfAny,
  type GuardedRequest,
  RefusedError,
  refusalFor,
  requireAuth,
  setNodeHeaders,
} from '@pawl/http/binding';
import { type ErrorRequestHandler, type Response, Router } from 'express';
import { type AnyRequest, httpRequest, type Middleware } from './request.ts';

type Login<Claims, Data> = Http<Claims, Data>['login'];
type Elevate<Claims, Data> = Http<Claims, Data>['elevate'];
type Auth<Claims, Data> = Extract<GuardOutcome<Claims, Data>, { kind: 'authenticated' }>['auth'];

/** What a guard of this Pawl finds: `AuthOf<typeof pawl>`. */
export type AuthOf<Of extends { readonly auth: (req: never) => unknown }> = ReturnType<Of['auth']>;

/** Sessions in Express. What is refused goes to `next` as a `RefusedError`, for error middlewares. */
export interface ExpressPawl<Claims, Data> {
  /** Lets requests with a valid credential through and sets `req.auth`. @throws ConfigurationError */
  guard(options?: GuardOptions<Claims, Data>): Middleware;
  /** Lets anonymous requests through too, with `req.auth` null. @throws ConfigurationError */
  optionalGuard(options?: GuardOptions<Claims, Data>): Middleware;
  /**
   * What the guard found, with the types of the application.
   * @throws Error where no guard has let the request through, or an optional one as anonymous
   */
  auth(req: AnyRequest): Auth<Claims, Data>;
  /** As {@link ExpressPawl.auth}, but null behind an optional guard where the caller is anonymous. */
  authIfAny(req: AnyRequest): Auth<Claims, Data> | null;
  /**
   * Middleware that counts requests and refuses too many: `rateLimit('login')` in front of
   * a login, before a password is looked at. @throws ConfigurationError without `rateLimits`
   */
  rateLimit(name: string, policy?: RateLimitPolicy): Middleware;
  /** The session routes, complete with `authPath`: `app.use(pawl.routes())`. */
  routes(): Router;
  /**
   * Refuses an unsafe request that another site made, by throwing: for routes that
   * have no guard, such as a sign-up, before they do anything. `login` checks by itself.
   */
  assertOrigin(req: AnyRequest): Promise<void>;
  /**
   * Begins a session, for a user whom the application has authenticated, and sets
   * its cookies on the response. Answers what else the response should say.
   */
  login(
    req: AnyRequest,
    res: Response,
    session: Parameters<Login<Claims, Data>>[1],
    options?: LoginOptions,
  ): Promise<LoginResponse>;
  /** Notes a step-up and hands out the session's new credentials the way the old ones came. */
  elevate(
    req: AnyRequest,
    res: Response,
    sessionId: string,
    authentication?: Parameters<Elevate<Claims, Data>>[2],
  ): Promise<LoginResponse>;
  /** Ends the request's session and clears its cookies on the response. */
  logout(req: AnyRequest, res: Response): Promise<void>;
  /**
   * Checks the request of a WebSocket: the server's event `upgrade`, which passes
   * Express by. One that is refused is answered on the socket, and null.
   */
  upgrade(
    req: NodeRequest,
    socket: { end(answer: string): unknown },
    options?: GuardOptions<Claims, Data>,
  ): Promise<Auth<Claims, Data> | null>;
  /** Answers what is refused, and errors of Pawl's that a handler let through; passes others on. */
  errorHandler(): ErrorRequestHandler;
}

/** Sets Pawl up for Express, or mounts what is set up already (a BFF's `http`). @throws ConfigurationError, naming the option. */
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
      return async (req, res, next) => {
        setNodeHeaders(res, { headers: applyLimit(await limit(httpRequest(req))), cookies: [] });
        next();
      };
    },
    routes: () => {
      const router = Router();
      for (const { method, path, handle } of http.routes) {
        const verb = method.toLowerCase() as 'get' | 'post' | 'delete';
        router[verb](path, async (req, res) => {
          const parameters = req.params as Record<string, string>;
          sendNode(res, assertAllowed(await handle(httpRequest(req), parameters)));
        });
      }
      return router;
    },
    assertOrigin: async (req) => {
      const refusal = await http.checkOrigin(httpRequest(req));
      if (refusal) throw new RefusedError(refusal);
    },
    login: async (req, res, session, loginOptions) =>
      applyToResponse(res, await http.login(httpRequest(req), session, loginOptions)),
    elevate: async (req, res, sessionId, authentication) =>
      applyToResponse(res, await http.elevate(httpRequest(req), sessionId, authentication)),
    logout: async (req, res) => {
      applyToResponse(res, await http.logout(httpRequest(req)));
    },
    upgrade: async (req, socket, guardOptions) => {
      const outcome = await http.guard(guardOptions)(nodeRequest(req));
      if (outcome.kind === 'refused') socket.end(upgradeRefusal(outcome.response));
      return outcome.kind === 'authenticated' ? outcome.auth : null;
    },
    errorHandler: () => (error, _req, res, next) => {
      const answer = res.headersSent ? null : refusalFor(error);
      if (answer) sendNode(res, answer);
      else next(error);
    },
  };
};

const middleware =
  <Claims, Data>(guard: Guard<Claims, Data>): Middleware =>
  async (req, res, next) => {
    (req as GuardedRequest).auth = applyGuard(await guard(httpRequest(req)), res);
    next();
  };
