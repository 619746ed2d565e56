import type { Sessions } from '@pawl/core';
import type { GuardOptions, Http } from '@pawl/http';
import { createGuard, createHttpWithRoutes } from '@pawl/http/extension';
import { createBffSettings } from './create-settings.ts';
import type { BffOptions } from './options.ts';
import { bffRoutes } from './routes/routes.ts';
import type { BffData } from './sealing/upstream-session.ts';
import type { BffSettings } from './settings.ts';
import { createUpstreamTokenSource } from './upstream/token-source.ts';
import type { UpstreamTokenSource } from './upstream/upstream-token.ts';

/** A Backend for Frontend. */
export interface Bff<Claims, Data> {
  /** Routes and guards, for a binding: `createPawl(bff.http)`. */
  readonly http: Http<Claims, BffData<Data>>;
  /** The sessions. An update cannot touch what they hold of the provider's. */
  readonly sessions: Omit<
    Sessions<Claims, BffData<Data>>,
    'create' | 'refresh' | 'elevate' | 'jwks'
  >;
  /** Upstream tokens, for the proxy and for calls of the server's own. */
  readonly upstream: UpstreamTokenSource;
  /** For a graceful stop: waits for what was begun, above all for tokens that are being written. */
  close(): Promise<void>;
}

/**
 * Sets a BFF up. The provider is asked for its metadata when it is first needed.
 *
 * @throws ConfigurationError, naming the option that is missing or contradicts another.
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
    loading(settings, guardOptions);
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
      await upstream.settled();
      await sessions.close();
    },
  };
};

/** The `loaded` hook stands before whatever else a guard asks. */
const loading = <Claims, Data>(
  { hooks }: BffSettings<Claims, Data>,
  options: GuardOptions<Claims, BffData<Data>>,
): GuardOptions<Claims, BffData<Data>> => {
  if (!hooks.loaded) return options;
  return {
    ...options,
    allow: async (auth) => {
      await hooks.loaded?.(auth);
      return options.allow ? options.allow(auth) : true;
    },
  };
};
