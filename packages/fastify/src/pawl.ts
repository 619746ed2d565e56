import {
  createHttp,
  type Guard,
  type GuardOptions,
  type GuardOutcome,
  type Http,
  type HttpOptions,
  type LoginOptions,
  type LoginResponse,
  type RateLimitPolicy,
  sendNode,
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
} from '@pawl/http/binding';
import type {
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  onRequestAsyncHookHandler,
} from 'fastify';
import { fastifyPlugin } from 'fastify-plugin';
import { httpRequest, ReplyResponse } from './request.ts';

type Login<Claims, Data> = Http<Claims, Data>['login'];
type Elevate<Claims, Data> = Http<Claims, Data>['elevate'];
type Auth<Claims, Data> = Extract<GuardOutcome<Claims, Data>, { kind: 'authenticated' }>['auth'];

/** What a guard of this Pawl finds: `AuthOf<typeof pawl>`. */
export type AuthOf<P extends { auth: (request: never) => unknown }> = ReturnType<P['auth']>;

/** Sessions in Fastify. What is refused is thrown as a `RefusedError`, for the error handler. */
export interface FastifyPawl<Claims, Data> {
  /**
   * Decorates requests with `auth`, and mounts the session routes, complete with
   * `authPath`, under the prefix of the instance that registers it.
   */
  readonly plugin: FastifyPluginAsync;
  /**
   * A hook that lets requests with a valid credential through and sets `request.auth`:
   * best as `onRequest`, before a body is read; `preHandler` does as well.
   * @throws ConfigurationError
   */
  guard(options?: GuardOptions<Claims, Data>): onRequestAsyncHookHandler;
  /** Lets anonymous requests through too, with `request.auth` null. @throws ConfigurationError */
  optionalGuard(options?: GuardOptions<Claims, Data>): onRequestAsyncHookHandler;
  /**
   * What the guard found, with the types of the application.
   * @throws Error where no guard has let the request through, or an optional one as anonymous
   */
  auth(request: FastifyRequest): Auth<Claims, Data>;
  /** As {@link FastifyPawl.auth}, but null behind an optional guard where the caller is anonymous. */
  authIfAny(request: FastifyRequest): Auth<Claims, Data> | null;
  /**
   * A hook that counts requests and refuses too many: `rateLimit('login')` in front of
   * a login, before a password is looked at. @throws ConfigurationError without `rateLimits`
   */
  rateLimit(name: string, policy?: RateLimitPolicy): onRequestAsyncHookHandler;
  /**
   * Refuses an unsafe request that another site made, by throwing: for routes that
   * have no guard, such as a sign-up, before they do anything. `login` checks by itself.
   */
  assertOrigin(request: FastifyRequest): Promise<void>;
  /**
   * Begins a session, for a user whom the application has authenticated, and sets
   * its cookies on the reply. Answers what else the reply should say.
   */
  login(
    request: FastifyRequest,
    reply: FastifyReply,
    session: Parameters<Login<Claims, Data>>[1],
    options?: LoginOptions,
  ): Promise<LoginResponse>;
  /** Notes a step-up and hands out the session's new credentials the way the old ones came. */
  elevate(
    request: FastifyRequest,
    reply: FastifyReply,
    sessionId: string,
    authentication?: Parameters<Elevate<Claims, Data>>[2],
  ): Promise<LoginResponse>;
  /** Ends the request's session and clears its cookies on the reply. */
  logout(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /**
   * For `setErrorHandler`: answers what is refused, and errors of Pawl's that a
   * handler let through; hands others on to the handler around it, else Fastify's own.
   */
  readonly errorHandler: (error: unknown, request: FastifyRequest, reply: FastifyReply) => unknown;
}

/** Sets Pawl up for Fastify, or mounts what is set up already (a BFF's `http`). @throws ConfigurationError, naming the option. */
export const createPawl = <Claims, Data>(
  options: HttpOptions<Claims, Data> | Http<Claims, Data>,
): FastifyPawl<Claims, Data> => {
  const http = createHttp(options);
  return {
    plugin: fastifyPlugin(
      async (app) => {
        // Its type is the application's to declare: see `auth`.
        app.decorateRequest('auth' as string, null);
        for (const { method, path: url, handle } of http.routes) {
          const answer: onRequestAsyncHookHandler = async (request, reply) => {
            const parameters = request.params as Record<string, string>;
            const response = await handle(httpRequest(request), parameters);
            sendNode(new ReplyResponse(reply), assertAllowed(response));
            return reply;
          };
          // Before Fastify looks at a body: its limit and its media type are our routes' own.
          app.route({ method, url, onRequest: answer, handler: async (_, reply) => reply });
        }
      },
      { name: '@pawl/fastify', fastify: '5.x' },
    ),
    guard: (guardOptions) => hook(http.guard(guardOptions)),
    optionalGuard: (guardOptions) => hook(http.optionalGuard(guardOptions)),
    auth: (request) => requireAuth(request),
    authIfAny: (request) => authIfAny(request),
    assertOrigin: async (request) => {
      const refusal = await http.checkOrigin(httpRequest(request));
      if (refusal) throw new RefusedError(refusal);
    },
    rateLimit: (name, policy) => {
      const limit = http.rateLimit(name, policy);
      return async (request, reply) => {
        reply.headers(applyLimit(await limit(httpRequest(request))));
      };
    },
    login: async (request, reply, session, loginOptions) =>
      applyToResponse(
        new ReplyResponse(reply),
        await http.login(httpRequest(request), session, loginOptions),
      ),
    elevate: async (request, reply, sessionId, authentication) =>
      applyToResponse(
        new ReplyResponse(reply),
        await http.elevate(httpRequest(request), sessionId, authentication),
      ),
    logout: async (request, reply) => {
      applyToResponse(new ReplyResponse(reply), await http.logout(httpRequest(request)));
    },
    errorHandler: (error, _request, reply) => {
      const answer = refusalFor(error);
      if (!answer) throw error;
      sendNode(new ReplyResponse(reply), answer);
      return reply;
    },
  };
};

const hook =
  <Claims, Data>(guard: Guard<Claims, Data>): onRequestAsyncHookHandler =>
  async (request, reply) => {
    const outcome = await guard(httpRequest(request));
    (request as GuardedRequest).auth = applyGuard(outcome, new ReplyResponse(reply));
  };
