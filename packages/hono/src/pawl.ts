import {
  createHttp,
  errorResponse,
  type Guard,
  type GuardOptions,
  type Http,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
  type LoginOptions,
  type LoginResponse,
  type RateLimitPolicy,
  type Refusal,
  webRequest,
  webResponse,
} from '@pawl/http';
import { noStore } from '@pawl/http/extension';

import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { remoteAddress } from './remote-address.ts';
import type { GuardVariables, OptionalVariables } from './variables.ts';

type Login<Claims, Data> = Http<Claims, Data>['login'];
type Elevate<Claims, Data> = Http<Claims, Data>['elevate'];

/** Sessions in Hono. What is refused is thrown as an `HTTPException`, for `app.onError`. */
export interface HonoPawl<Claims, Data> {
  /** Lets requests with a valid credential through and sets `c.var.auth`. @throws ConfigurationError */
  guard(
    options?: GuardOptions<Claims, Data>,
  ): MiddlewareHandler<{ Variables: GuardVariables<Claims, Data> }>;
  /** Lets anonymous requests through too, with `c.var.auth` null. @throws ConfigurationError */
  optionalGuard(
    options?: GuardOptions<Claims, Data>,
  ): MiddlewareHandler<{ Variables: OptionalVariables<Claims, Data> }>;
  /**
   * Refuses an unsafe request that another site made, by throwing: for routes that
   * have no guard, such as a sign-up, before they do anything. `login` checks by itself.
   */
  assertOrigin(c: Context): Promise<void>;
  /**
   * Middleware that counts requests and refuses too many: `rateLimit('login')` in front of
   * the application's own login. Any other name has a limit of its own. @throws ConfigurationError
   */
  rateLimit(name: string, policy?: RateLimitPolicy): MiddlewareHandler;
  /** The session routes, complete with `authPath`: `app.route('/', pawl.routes())`. */
  routes(): Hono;
  /**
   * Begins a session, for a user whom the application has authenticated, and sets
   * its cookies on the response. Answers what else the response should say.
   */
  login(
    c: Context,
    session: Parameters<Login<Claims, Data>>[1],
    options?: LoginOptions,
  ): Promise<LoginResponse>;
  /** Notes a step-up and hands out the session's new credentials the way the old ones came. */
  elevate(
    c: Context,
    sessionId: string,
    authentication?: Parameters<Elevate<Claims, Data>>[2],
  ): Promise<LoginResponse>;
  /** Ends the request's session and clears its cookies on the response. */
  logout(c: Context): Promise<void>;
  /** The answer to an error of Pawl's that a handler let through; null for any other error. */
  errorResponse(error: unknown): Response | null;
}

/** Sets Pawl up for Hono, or mounts what is set up already (a BFF's `http`). @throws ConfigurationError, naming the option. */
export const createPawl = <Claims, Data>(
  options: HttpOptions<Claims, Data> | Http<Claims, Data>,
): HonoPawl<Claims, Data> => {
  const http = createHttp(options);
  return {
    guard: (guardOptions) => middleware(http.guard(guardOptions)),
    optionalGuard: (guardOptions) => middleware(http.optionalGuard(guardOptions)),
    assertOrigin: async (c) => {
      const refusal = await http.checkOrigin(requestOf(c));
      if (refusal) throw exception(refusal);
    },
    rateLimit: (name, policy) => {
      const limit = http.rateLimit(name, policy);
      return async (c, next) => {
        const outcome = await limit(requestOf(c));
        if (outcome.kind === 'refused') throw exception(outcome.response);
        for (const [header, value] of Object.entries(outcome.headers)) c.header(header, value);
        await next();
      };
    },
    routes: () => {
      const app = new Hono();
      for (const { method, path, handle } of http.routes) {
        app.on(method, path, async (c) => {
          const response = await handle(requestOf(c), c.req.param());
          if (response.error) throw exception(response as Refusal);
          return webResponse(response);
        });
      }
      return app;
    },
    login: async (c, session, loginOptions) =>
      applyToResponse(c, await http.login(requestOf(c), session, loginOptions)),
    elevate: async (c, sessionId, authentication) =>
      applyToResponse(c, await http.elevate(requestOf(c), sessionId, authentication)),
    logout: async (c) => {
      applyToResponse(c, await http.logout(requestOf(c)));
    },
    errorResponse: (error) => {
      const refusal = errorResponse(error);
      return refusal && webResponse(refusal);
    },
  };
};

/** One variable with two types: Hono tells them apart by the type of the guard alone. */
const middleware =
  <Claims, Data, Auth>(
    guard: Guard<Claims, Data>,
  ): MiddlewareHandler<{ Variables: { auth: Auth } }> =>
  async (c, next) => {
    const outcome = await guard(requestOf(c));
    if (outcome.kind === 'refused') throw exception(outcome.response);
    c.set('auth', (outcome.kind === 'authenticated' ? outcome.auth : null) as Auth);
    await next();
    if (outcome.kind === 'anonymous') clearCookies(c, outcome.clear);
  };

const requestOf = (c: Context): HttpRequest => webRequest(c.req.raw, remoteAddress(c));

const exception = (refusal: Refusal): HTTPException =>
  new HTTPException(refusal.status as ContentfulStatusCode, {
    res: webResponse(refusal),
    message: refusal.error.message,
    cause: refusal.error,
  });

/** Puts headers and cookies on the response that the handler is about to make. */
const applyToResponse = <Response extends HttpResponse>(
  c: Context,
  response: Response | Refusal,
): Response => {
  if (response.error) throw exception(response as Refusal);
  for (const [name, value] of Object.entries(response.headers)) c.header(name, value);
  for (const cookie of response.cookies) c.header('set-cookie', cookie, { append: true });
  return response as Response;
};

/** Clears cookies on a finished response, but none that a handler has just set. */
const clearCookies = (c: Context, cleared: readonly string[]): void => {
  const set = new Set(c.res.headers.getSetCookie().map((cookie) => cookie.split('=', 1)[0]));
  for (const cookie of cleared) {
    if (set.has(cookie.split('=', 1)[0])) continue;
    c.header('set-cookie', cookie, { append: true });
    for (const [name, value] of Object.entries(noStore)) c.header(name, value);
  }
};
