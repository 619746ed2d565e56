import { createHttp, type Guard, type GuardOptions, type Http, type HttpOptions } from '@pawl/http';
import {
  type Auth,
  authIfAny,
  createUpgradeGuard,
  type PawlBinding,
  requireAuth,
} from '@pawl/http/binding';
import { type Context, type ErrorHandler, Hono, type MiddlewareHandler } from 'hono';
import { createException, defaultErrorHandler, responseTo } from './refused.ts';
import { httpRequest } from './request.ts';
import { addPendingCookies, applyToContext, respond } from './response.ts';

interface HonoTypes {
  readonly request: Context;
  readonly call: [c: Context];
  readonly middleware: MiddlewareHandler;
  readonly routes: Hono;
  readonly errorHandler: ErrorHandler;
}

/** Sessions in Hono. A refusal is thrown as an `HTTPException`, for `app.onError`. */
export interface HonoPawl<Claims, Data> extends PawlBinding<Claims, Data, HonoTypes> {
  /** Requires a valid credential and sets `c.var.auth`. @throws ConfigurationError */
  guard(
    options?: GuardOptions<Claims, Data>,
  ): MiddlewareHandler<{ Variables: { auth: Auth<Claims, Data> } }>;
  /** Also accepts anonymous requests, with `c.var.auth` null. @throws ConfigurationError */
  optionalGuard(
    options?: GuardOptions<Claims, Data>,
  ): MiddlewareHandler<{ Variables: { auth: Auth<Claims, Data> | null } }>;
}

/**
 * Creates Pawl for Hono from options, or from an existing `Http` such as `bff.http`.
 *
 * @throws ConfigurationError, naming the option
 * @example
 * const pawl = createPawl({ sessions, origin: 'https://app.example.com' });
 * app.get('/me', pawl.guard(), (c) => c.json({ user: c.var.auth.userId }));
 * app.route('/', pawl.routes());
 * app.onError(pawl.errorHandler());
 */
export const createPawl = <Claims, Data>(
  options: HttpOptions<Claims, Data> | Http<Claims, Data>,
): HonoPawl<Claims, Data> => {
  const http = createHttp(options);
  return {
    guard: (guardOptions) => middleware(http.guard(guardOptions)),
    optionalGuard: (guardOptions) => middleware(http.optionalGuard(guardOptions)),
    auth: (c) => requireAuth({ auth: c.get('auth') }),
    authIfAny: (c) => authIfAny({ auth: c.get('auth') }),
    rateLimit: (name, policy) => {
      const limit = http.rateLimit(name, policy);
      return async (c, next) => {
        const outcome = await limit(httpRequest(c));
        if (outcome.kind === 'refused') throw createException(outcome.response);
        for (const [header, value] of Object.entries(outcome.headers)) c.header(header, value);
        await next();
      };
    },
    routes: () => {
      const app = new Hono();
      for (const { method, path, handle } of http.routes) {
        app.on(method, path, async (c) => respond(c, await handle(httpRequest(c), c.req.param())));
      }
      return app;
    },
    assertOrigin: async (c) => {
      const refusal = await http.checkOrigin(httpRequest(c));
      if (refusal) throw createException(refusal);
    },
    login: async (c, ...args) => applyToContext(c, await http.login(httpRequest(c), ...args)),
    elevate: async (c, ...args) => applyToContext(c, await http.elevate(httpRequest(c), ...args)),
    logout: async (c) => {
      applyToContext(c, await http.logout(httpRequest(c)));
    },
    upgrade: createUpgradeGuard(http),
    errorHandler:
      (otherwise = defaultErrorHandler) =>
      (error, c) => {
        const response = responseTo(error);
        return response ? c.newResponse(response.body, response) : otherwise(error, c);
      },
  };
};

/** One variable of two types: Hono takes its type from the middleware alone. */
const middleware =
  <Claims, Data, Found>(
    guard: Guard<Claims, Data>,
  ): MiddlewareHandler<{ Variables: { auth: Found } }> =>
  async (c, next) => {
    const outcome = await guard(httpRequest(c));
    if (outcome.kind === 'refused') throw createException(outcome.response);
    if (outcome.kind === 'redirected') return respond(c, outcome.response);
    c.set('auth', (outcome.kind === 'authenticated' ? outcome.auth : null) as Found);
    await next();
    if (outcome.pending) addPendingCookies(c, outcome.pending);
    return undefined;
  };
