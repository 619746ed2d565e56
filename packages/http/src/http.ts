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

/** Counts a request. Errors that HTTP has no answer to are thrown. */
export type RequestLimiter = (request: HttpRequest) => Promise<LimitOutcome>;

/** What a binding translates into its framework. */
export interface Http<Claims, Data> {
  /** The session routes, to be mounted. */
  readonly routes: readonly HttpRoute[];
  /** A guard that wants a valid credential. @throws ConfigurationError */
  guard(options?: GuardOptions<Claims, Data>): Guard<Claims, Data>;
  /** A guard that lets a request without one through as anonymous. @throws ConfigurationError */
  optionalGuard(options?: GuardOptions<Claims, Data>): Guard<Claims, Data>;
  /**
   * Refuses an unsafe request from an origin that may not use cookies: for the
   * application's own routes that read or set them before there is a session. Null: go on.
   */
  checkOrigin(request: HttpRequest): Promise<Refusal | null>;
  /**
   * A limit for a route of the application's own, to be asked before its body is read:
   * `rateLimit('login')` before a password is looked at. What then calls `login` is not
   * counted twice. Any other name has a bucket of its own.
   *
   * @param policy default: that of `rateLimits` for this name
   * @throws ConfigurationError without `rateLimits`, or for a policy that is none
   */
  rateLimit(name: string, policy?: RateLimitPolicy): RequestLimiter;
  /** Begins a session, within the limit of `login`. See {@link login}. */
  login(
    request: HttpRequest,
    session: SessionInput<Claims, Data>,
    options?: LoginOptions,
  ): Promise<LoginResponse | Refusal>;
  /** Notes a step-up and replaces the session's credentials. See {@link elevate}. */
  elevate(
    request: HttpRequest,
    sessionId: string,
    authentication?: Partial<Authentication>,
  ): Promise<LoginResponse<IssuedTokens> | Refusal>;
  /**
   * Who a request comes from, as far as the trusted proxies say so: in the one canonical
   * spelling. Undefined where that is not to be known.
   */
  readonly clientAddress: (request: HttpRequest) => string | undefined;
  /** An OpenAPI 3.1 document of exactly the {@link routes}, as JSON. */
  openapi(info: OpenApiInfo): OpenApiObject;
  /** Ends the request's session: what `POST /logout` does, for a route of the application's own. */
  logout(request: HttpRequest): Promise<HttpResponse>;
}

/**
 * Sets HTTP up. What somebody else has set up, a BFF for one, is taken as it is: so
 * every binding mounts it like its own.
 *
 * @throws ConfigurationError, naming the option that is missing or contradicts another.
 */
export const createHttp = <Claims, Data>(
  options: HttpOptions<Claims, Data> | Http<Claims, Data>,
): Http<Claims, Data> => {
  if ('guard' in options) return options;
  const settings = createHttpSettings(options);
  return createHttpWithRoutes(settings, createRoutes(settings));
};

/** HTTP with routes of one's own, each of them within the limit of its name. */
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
      if (!settings.rateLimits) throw new ConfigurationError('rateLimits', 'is needed for a limit');
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
