import type { PawlEventListener, RootSecret, SessionsOptions } from '@pawl/core';
import type { LeaseStore, SessionStore, SingleUseStore } from '@pawl/core/store';
import type { HttpEventListener, HttpOptions } from '@pawl/http';
import type { BffEvent } from './events.ts';
import type { BffHooks } from './hooks.ts';
import type { ProviderOptions } from './provider/provider.ts';
import type { BffData } from './sealing/upstream-session.ts';

type OfHttp =
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
type OfSessions =
  | 'preset'
  | 'idleTimeout'
  | 'absoluteTimeout'
  | 'limit'
  | 'maxStaleness'
  | 'touchInterval';

/**
 * Everything that a BFF can be told: the provider, the store, the secrets and the origin
 * are needed. What it has of sessions and of HTTP is described there; `authPath` is `/bff`.
 */
export interface BffOptions<Claims, Data>
  extends ProviderOptions,
    Pick<HttpOptions<Claims, BffData<Data>>, OfHttp>,
    Pick<SessionsOptions<Claims, BffData<Data>>, OfSessions> {
  readonly store: {
    readonly sessions: SessionStore;
    readonly singleUse: SingleUseStore;
    readonly leases: LeaseStore;
  };
  /** The root secrets, newest first. What they seal is sealed anew after a roll-over. */
  readonly secrets: readonly RootSecret[];
  /** The service's own origin, as browsers name it. */
  readonly origin: string;
  /** Default `openid offline_access`. */
  readonly scope?: string;
  /** Sent along to the authorization endpoint: `prompt`, `resource`, `audience` … */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /** Whether upstream tokens are bound to a key of the session's own (RFC 9449). Default no. */
  readonly dpop?: boolean;
  /** Of the one cookie, without a prefix. Default `session`. */
  readonly cookieName?: string;
  /**
   * Whether the cookie is called `__Host-Http-session`, which no script can set in browsers that
   * know the prefix. Changing it logs everybody out. Default no: `__Host-session`.
   */
  readonly httpPrefix?: boolean;
  /** Default `Strict`. */
  readonly sameSite?: 'Strict' | 'Lax';
  /** The header that every request of the page must carry, with the value `1`. Default `X-BFF`. */
  readonly requiredHeader?: string;
  /** A path to lead to when a login fails, with `?error=login_failed`. Default: the callback answers 400. */
  readonly failurePath?: string;
  /** A path where the provider leads back to after a logout. Default `/`. */
  readonly postLogoutPath?: string;
  /**
   * Sends the ID token with the browser to the provider's logout, which then does not
   * ask its user. It gives up that no token of the provider's is ever seen by the browser.
   */
  readonly dangerouslySendIdTokenHint?: boolean;
  /** Makes a user id of the provider's `sub`: always the same one. Default the `sub` itself. */
  readonly userIdOf?: (sub: string) => string;
  readonly hooks?: BffHooks<Claims, Data>;
  /** In ms: how long before its expiry an upstream token is refreshed. Default 60,000. */
  readonly refreshAhead?: number;
  /** In ms: how long a node that died keeps others from refreshing a session. Default 5,000. */
  readonly leaseTtl?: number;
  /** In ms: how long a request waits for a token that it cannot do without. Default 15,000. */
  readonly maxWait?: number;
  /** Hears of what is worth a line in a security log, here, in HTTP and in the core. */
  readonly onEvent?: (
    event: BffEvent | Parameters<HttpEventListener>[0] | Parameters<PawlEventListener>[0],
  ) => void;
}
