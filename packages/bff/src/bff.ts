import type { Sessions } from '@pawl/core';
import type { GuardOptions, Http } from '@pawl/http';
import { createGuard, createHttpWithRoutes } from '@pawl/http/extension';
import { createBffSettings } from './create-settings.ts';
import type { BffHooks } from './hooks.ts';
import type { BffOptions } from './options.ts';
import { bffRoutes } from './routes/routes.ts';
import type { BffData } from './sealing/upstream-session.ts';
import { createUpstreamTokenSource } from './upstream/token-source.ts';
import type { UpstreamTokenSource } from './upstream/upstream-token.ts';

/** A Backend for Frontend, as {@link createBff} returns it. */
export interface Bff<Claims, Data> {
  /** The routes and guards. Pass it to a binding: `createPawl(bff.http)`. */
  readonly http: Http<Claims, BffData<Data>>;
  /** The sessions. `update` never changes the `upstream` part of the session data. */
  readonly sessions: Omit<
    Sessions<Claims, BffData<Data>>,
    'create' | 'refresh' | 'resume' | 'elevate' | 'jwks'
  >;
  /** The upstream access tokens, for the proxy and for requests that the server itself makes. */
  readonly upstream: UpstreamTokenSource;
  /** Waits for refreshes and writes in progress, then closes the sessions. Call it on shutdown. */
  close(): Promise<void>;
}

/**
 * Creates a Backend for Frontend (draft-ietf-oauth-browser-based-apps § 6.1): users log in at an
 * OpenID Connect provider, the browser holds one session cookie, which the guards rotate, and the
 * provider's tokens stay on the server. The provider's metadata is fetched when it is first needed.
 *
 * @example
 * ```ts
 * const bff = createBff({
 *   issuer: 'https://login.example.com',
 *   clientId: 'web',
 *   clientSecret: process.env.CLIENT_SECRET,
 *   origin: 'https://app.example.com',
 *   store: createMemoryStore(),
 *   secrets: [process.env.PAWL_SECRET],
 * });
 * const pawl = createPawl(bff.http); // of @pawl/express, @pawl/fastify or @pawl/hono
 * const { accessToken } = await bff.upstream.getUpstreamToken(sessionId);
 * ```
 *
 * @throws ConfigurationError if an option is missing, invalid or contradicts another one
 */
export const createBff = <
  Claims extends object = Record<string, unknown>,
  Data extends object = Record<string, unknown>,
>(
  options: BffOptions<Claims, Data>,
): Bff<Claims, Data> => {
  const settings = createBffSettings(options);
  const upstream = createUpstreamTokenSource(settings);
  const withHook = (guardOptions: GuardOptions<Claims, BffData<Data>> = {}) =>
    withRequestHook(options.hooks, guardOptions);
  const guards = {
    guard: createGuard(settings.http, withHook()),
    optional: createGuard(settings.http, withHook(), true),
  };
  const http = createHttpWithRoutes(settings.http, bffRoutes(settings, guards, upstream));
  const { sessions } = settings;
  return {
    http: {
      ...http,
      guard: (guardOptions) => http.guard(withHook(guardOptions)),
      optionalGuard: (guardOptions) => http.optionalGuard(withHook(guardOptions)),
    },
    sessions: {
      ...sessions,
      update: (sessionId, change) =>
        sessions.update(sessionId, (session) => {
          const update = change(session);
          const { upstream: kept } = session.data;
          return update.data ? { ...update, data: { ...update.data, upstream: kept } } : update;
        }),
    },
    upstream: {
      getUpstreamToken: (sessionId, request) => upstream.getUpstreamToken(sessionId, request),
    },
    close: async () => {
      await upstream.whenIdle();
      await sessions.close();
    },
  };
};

/** Runs the `onRequest` hook before the guard's own `allow`. */
const withRequestHook = <Claims, Data>(
  hooks: BffHooks<Claims, Data> | undefined,
  options: GuardOptions<Claims, BffData<Data>>,
): GuardOptions<Claims, BffData<Data>> => {
  if (!hooks?.onRequest) return options;
  return {
    ...options,
    allow: async (auth) => {
      await hooks.onRequest?.(auth);
      return options.allow ? options.allow(auth) : true;
    },
  };
};
