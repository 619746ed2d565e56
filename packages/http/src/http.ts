import {
  type Authentication,
  ConfigurationError,
  type IssuedTokens,
  type SessionInput,
} from '@pawl/core';
import { createHttpSettings } from './create-settings.ts';
import { assertOrigin, mustCheckOrigin } from './credential.ts';
import { createGuard, type Guard, type GuardOptions } from './guard.ts';
import { elevate, type LoginOptions, type LoginResponse, login } from './login.ts';
import { openApiDocument } from './openapi/document.ts';
import type { OpenApiInfo } from './openapi/info.ts';
import { openApiRoute } from './openapi/openapi-route.ts';
import type { OpenApiObject } from './openapi/operation.ts';
import type { HttpOptions } from './options.ts';
import {
  countRequest,
  createLimitRunner,
  type LimitOutcome,
  limitRoute,
} from './rate-limit/limit-runner.ts';
import type { RateLimitPolicy } from './rate-limit/policy.ts';
import type { HttpRequest } from './request.ts';
import { respondToErrors } from './respond-to-errors.ts';
import { emptyResponse, type HttpResponse, type Refusal } from './response.ts';
import { logoutRoute } from './routes/logout.ts';
import type { HttpRoute } from './routes/route.ts';
import { createRoutes } from './routes/routes.ts';
import type { HttpSettings } from './settings.ts';

/** Counts a request against a limit. Errors that are not for the client are thrown. */
export type RequestLimiter = (request: HttpRequest) => Promise<LimitOutcome>;

/**
 * The HTTP layer: session routes, guards, login and logout. A binding translates it for its
 * framework.
 */
export interface Http<Claims, Data> {
  /** The session routes, to be mounted as they are. */
  readonly routes: readonly HttpRoute[];
  /** Creates a guard that requires a valid credential. @throws ConfigurationError */
  guard(options?: GuardOptions<Claims, Data>): Guard<Claims, Data>;
  /** Creates a guard that also accepts anonymous requests. @throws ConfigurationError */
  optionalGuard(options?: GuardOptions<Claims, Data>): Guard<Claims, Data>;
  /**
   * Checks where an unsafe request came from: for your own routes that read or set cookies before
   * there is a session, such as a sign-up. Resolves to null if the request may go on.
   */
  checkOrigin(request: HttpRequest): Promise<Refusal | null>;
  /**
   * Creates a limit for a route of your own. Call it before the body is read: `rateLimit('login')`
   * before a password is checked. A `login` of the same request is not counted twice. Any other
   * name has a bucket of its own.
   *
   * @param policy default: the one that `rateLimits` has for this name
   * @throws ConfigurationError without the option `rateLimits`, or if the policy is invalid
   */
  rateLimit(name: string, policy?: RateLimitPolicy): RequestLimiter;
  /**
   * Creates a session for a user whom the application has authenticated, within the limit `login`.
   * The session that the browser had is revoked first.
   */
  login(
    request: HttpRequest,
    session: SessionInput<Claims, Data>,
    options?: LoginOptions,
  ): Promise<LoginResponse | Refusal>;
  /** Records a step-up, such as a second factor, and replaces the session's credentials. */
  elevate(
    request: HttpRequest,
    sessionId: string,
    authentication?: Partial<Authentication>,
  ): Promise<LoginResponse<IssuedTokens> | Refusal>;
  /**
   * Returns the client's IP address in canonical form, as far as `trustedProxies` are believed
   * about it. Undefined if it is unknown.
   */
  readonly clientAddress: (request: HttpRequest) => string | undefined;
  /** Returns an OpenAPI 3.1 document of the {@link routes}, as a JSON value. */
  openapi(info: OpenApiInfo): OpenApiObject;
  /** Revokes the session of a request: what `POST /logout` does, for a logout route of your own. */
  logout(request: HttpRequest): Promise<HttpResponse>;
}

/**
 * Creates the HTTP layer. An existing `Http` (for example `bff.http`) is returned unchanged.
 *
 * @throws ConfigurationError, naming the option that is missing or contradicts another
 * @example
 * const http = createHttp({ sessions, origin: 'https://app.example.com' });
 * const guard = http.guard();
 * const outcome = await guard(webRequest(request));
 * if (outcome.kind === 'refused') return webResponse(outcome.response);
 */
export const createHttp = <Claims, Data>(
  options: HttpOptions<Claims, Data> | Http<Claims, Data>,
): Http<Claims, Data> => {
  if (isHttp(options)) return options;
  const settings = createHttpSettings(options);
  return createHttpWithRoutes(settings, createRoutes(settings));
};

const isHttp = <Claims, Data>(
  options: HttpOptions<Claims, Data> | Http<Claims, Data>,
): options is Http<Claims, Data> =>
  typeof (options as Partial<Http<Claims, Data>> | null | undefined)?.guard === 'function';

/**
 * Creates the HTTP layer with other routes than the session routes. Each is limited by the policy
 * of its name.
 *
 * @throws ConfigurationError if `rateLimits.routes` names an unknown route
 * @example
 * const http = createHttpWithRoutes(settings, [
 *   { name: 'ping', method: 'GET', path: '/ping', handle: async () => emptyResponse() },
 * ]);
 */
export const createHttpWithRoutes = <Claims, Data>(
  settings: HttpSettings<Claims, Data>,
  others: readonly HttpRoute[],
): Http<Claims, Data> => {
  const { openapi: served } = settings;
  const document = (info: OpenApiInfo): OpenApiObject => openApiDocument(settings, routes, info);
  const routes = served
    ? [...others, openApiRoute(settings.authPath, () => document(served))]
    : others;
  settings.rateLimits?.validateRoutes(routes.map(({ name }) => name));
  const limitLogin = createLimitRunner(settings, 'login');
  return {
    routes: routes.map((route) => limitRoute(settings, route)),
    guard: (guardOptions = {}) => createGuard(settings, guardOptions),
    optionalGuard: (guardOptions = {}) => createGuard(settings, guardOptions, true),
    checkOrigin: async (request) => {
      if (!mustCheckOrigin(settings, request)) return null;
      const response = await respondToErrors(settings, async () => {
        assertOrigin(settings, request);
        return emptyResponse();
      });
      return response.error ? (response as Refusal) : null;
    },
    rateLimit: (name, policy) => {
      if (!settings.rateLimits) throw new ConfigurationError('rateLimits', 'is required');
      const limit = settings.rateLimits.limit(name, policy);
      if (!limit) return async () => ({ kind: 'passed', headers: {} });
      return (request) => countRequest(settings, name, limit, request);
    },
    login: (request, session, loginOptions) =>
      limitLogin(request, () => login(settings, request, session, loginOptions)),
    elevate: (request, sessionId, authentication) =>
      elevate(settings, request, sessionId, authentication),
    clientAddress: (request) => settings.clientAddress(request)?.toString(),
    openapi: document,
    logout: (request) => logoutRoute(settings, request),
  };
};
