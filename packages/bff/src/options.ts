import type { PawlEventListener, RootSecret, SessionsOptions } from '@pawl/core';
import type { LeaseStore, SessionStore, SingleUseStore } from '@pawl/core/store';
import type { HttpEventListener, HttpOptions } from '@pawl/http';
import type { BffEvent } from './events.ts';
import type { BffHooks } from './hooks.ts';
import type { ProviderOptions } from './provider/provider.ts';
import type { BffData } from './sealing/upstream-session.ts';

type HttpOptionName =
  | 'allowedOrigins'
  | 'missingOrigin'
  | 'trustedProxies'
  | 'forwardedHeader'
  | 'authPath'
  | 'pathPrefix'
  | 'bodyLimit'
  | 'rateLimits'
  | 'openapi'
  | 'clock';
type SessionsOptionName =
  | 'preset'
  | 'idleTimeout'
  | 'absoluteTimeout'
  | 'limit'
  | 'maxStaleness'
  | 'touchInterval';

/**
 * Options of {@link createBff}. The provider, `store`, `secrets` and `origin` are required. The
 * options of sessions and of HTTP mean the same as in `@pawl/core` and `@pawl/http`, but
 * `authPath` is `/bff` by default, and `preset` cannot be `strict`.
 */
export interface BffOptions<Claims, Data>
  extends ProviderOptions,
    Pick<HttpOptions<Claims, BffData<Data>>, HttpOptionName>,
    Pick<SessionsOptions<Claims, BffData<Data>>, SessionsOptionName> {
  /** The store, with these three parts. All nodes of a service share it. */
  readonly store: {
    readonly sessions: SessionStore;
    readonly singleUse: SingleUseStore;
    readonly leases: LeaseStore;
  };
  /**
   * The root secrets, newest first. The first one seals; tokens that an older one sealed are
   * sealed again when they are next used.
   */
  readonly secrets: readonly RootSecret[];
  /** The service's own origin, as browsers see it: `https://app.example.com`. */
  readonly origin: string;
  /** The scope that is requested. Default `openid offline_access`; with `endpoints` none. */
  readonly scope?: string | undefined;
  /** Further parameters for the authorization endpoint: `prompt`, `resource`, `audience` … */
  readonly authorizationParameters?: Readonly<Record<string, string>> | undefined;
  /** Whether upstream tokens are bound to a key per session (RFC 9449). Default false. */
  readonly dpop?: boolean | undefined;
  /** The name of the session cookie, without a prefix. Default `session`. */
  readonly cookieName?: string | undefined;
  /**
   * Whether the cookie has the prefix `__Host-Http-`, which no script can set in browsers that
   * support it. Changing it logs all users out. Default false: the prefix is `__Host-`.
   */
  readonly httpPrefix?: boolean | undefined;
  /** The cookie's `SameSite` attribute. Default `Strict`. */
  readonly sameSite?: 'Strict' | 'Lax' | undefined;
  /**
   * In ms: how old the session cookie is when the next request replaces it by its successor. Default
   * 600,000; 60,000 to 86,400,000.
   */
  readonly rotateAfter?: number | undefined;
  /** The header that every request of the page must carry, with the value `1`. Default `X-BFF`. */
  readonly requiredHeader?: string | undefined;
  /**
   * The path that a failed login redirects to, with `?error=login_failed`. Default `/`.
   */
  readonly failurePath?: string | undefined;
  /** The path that the provider redirects to after a logout. Default `/`. */
  readonly postLogoutPath?: string | undefined;
  /**
   * Sends the ID token through the browser to the provider's logout page, which then need not
   * ask the user. With it, one token of the provider does reach the browser. Default false.
   */
  readonly dangerouslySendIdTokenHint?: boolean | undefined;
  /**
   * Makes the user id from the provider's `sub`. It must return the same id for the same `sub`.
   * Default: the `sub` itself.
   */
  readonly userIdOf?: ((sub: string) => string) | undefined;
  /** Callbacks for logins, requests, refreshes and logouts. */
  readonly hooks?: BffHooks<Claims, Data> | undefined;
  /** In ms: how long before it expires an upstream token is refreshed. Default 60,000. */
  readonly refreshAhead?: number | undefined;
  /**
   * In ms: how long a node that died while it refreshed keeps other nodes from refreshing the
   * same session. Default 5,000; 300 to 60,000.
   */
  readonly leaseTtl?: number | undefined;
  /** In ms: how long a request waits for a token that it needs. Default 15,000; 100 to 120,000. */
  readonly maxWait?: number | undefined;
  /** Called for every security event of the BFF, of HTTP and of the sessions. */
  readonly onEvent?:
    | ((
        event: BffEvent | Parameters<HttpEventListener>[0] | Parameters<PawlEventListener>[0],
      ) => unknown)
    | undefined;
}
