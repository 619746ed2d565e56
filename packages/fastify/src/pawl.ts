import {
  createHttp,
  type Guard,
  type GuardOptions,
  type Http,
  type HttpOptions,
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
  throwIfRefused,
} from '@pawl/http/binding';
import type {
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  onRequestAsyncHookHandler,
} from 'fastify';
import { fastifyPlugin } from 'fastify-plugin';
import { type FastifyErrorHandler, httpRequest, ReplyResponse } from './request.ts';

interface FastifyTypes {
  readonly request: FastifyRequest;
  readonly call: [request: FastifyRequest, reply: FastifyReply];
  readonly middleware: onRequestAsyncHookHandler;
  readonly routes: FastifyPluginAsync;
  readonly errorHandler: FastifyErrorHandler;
}

/** Sessions in Fastify. A refusal is thrown as a `RefusedError`, for the error handler. */
export interface FastifyPawl<Claims, Data> extends PawlBinding<Claims, Data, FastifyTypes> {
  /**
   * A hook that requires a valid credential and sets `request.auth`. Use it as `onRequest`, before
   * the body is read, or as `preHandler`. @throws ConfigurationError
   */
  guard(options?: GuardOptions<Claims, Data>): onRequestAsyncHookHandler;
  /** Also accepts anonymous requests, with `request.auth` null. @throws ConfigurationError */
  optionalGuard(options?: GuardOptions<Claims, Data>): onRequestAsyncHookHandler;
}

/**
 * Creates Pawl for Fastify from options, or from an existing `Http` such as `bff.http`.
 *
 * @throws ConfigurationError, naming the option
 * @example
 * const pawl = createPawl({ sessions, origin: 'https://app.example.com' });
 * app.setErrorHandler(pawl.errorHandler());
 * await app.register(pawl.routes());
 * app.get('/me', { onRequest: pawl.guard() }, async (request) => pawl.auth(request).userId);
 */
export const createPawl = <Claims, Data>(
  options: HttpOptions<Claims, Data> | Http<Claims, Data>,
): FastifyPawl<Claims, Data> => {
  const http = createHttp(options);
  return {
    guard: (guardOptions) => hook(http.guard(guardOptions)),
    optionalGuard: (guardOptions) => hook(http.optionalGuard(guardOptions)),
    auth: (request) => requireAuth(request),
    authIfAny: (request) => authIfAny(request),
    rateLimit: (name, policy) => {
      const limit = http.rateLimit(name, policy);
      return async (request, reply) => {
        reply.headers(applyLimit(await limit(httpRequest(request))));
      };
    },
    routes: () => routesPlugin(http),
    assertOrigin: async (request) => throwIfRefused(await http.checkOrigin(httpRequest(request))),
    login: (request, reply, ...session) =>
      deliverTo(new ReplyResponse(reply), () => http.login(httpRequest(request), ...session)),
    elevate: (request, reply, ...stepUp) =>
      deliverTo(new ReplyResponse(reply), () => http.elevate(httpRequest(request), ...stepUp)),
    logout: async (request, reply) => {
      applyToResponse(new ReplyResponse(reply), await http.logout(httpRequest(request)));
    },
    upgrade: createUpgradeGuard(http),
    errorHandler:
      (otherwise = rethrow) =>
      (error, request, reply) => {
        const refusal = refusalFor(error);
        if (!refusal) return otherwise(error, request, reply);
        sendNode(new ReplyResponse(reply), refusal);
        return reply;
      },
  };
};

const hook =
  <Claims, Data>(guard: Guard<Claims, Data>): onRequestAsyncHookHandler =>
  async (request, reply) => {
    const response = new ReplyResponse(reply);
    const outcome = await guard(httpRequest(request), guardCall(response));
    if (outcome.kind === 'redirected') {
      sendNode(response, outcome.response);
      return reply;
    }
    (request as GuardedRequest).auth = applyGuard(outcome, response);
  };

const routesPlugin = (http: Pick<Http<never, never>, 'routes'>): FastifyPluginAsync =>
  fastifyPlugin(
    async (app) => {
      // Its type is the application's to declare: see `auth`.
      if (!app.hasRequestDecorator('auth')) app.decorateRequest('auth' as string, null);
      for (const { method, path: url, handle } of http.routes) {
        const respond: onRequestAsyncHookHandler = async (request, reply) => {
          const parameters = request.params as Record<string, string>;
          const response = await handle(httpRequest(request), parameters);
          sendNode(new ReplyResponse(reply), assertAllowed(response));
          return reply;
        };
        // In `onRequest`, because Fastify's body limit and parsers do not apply to these routes.
        app.route({ method, url, onRequest: respond, handler: async (_, reply) => reply });
      }
    },
    // Without a name: an application may have several.
    { fastify: '5.x' },
  );

const rethrow = (error: unknown): never => {
  throw error;
};
