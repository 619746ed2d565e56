import type { RootSecret } from '@pawl/core';
import type { RateLimitStore } from '@pawl/core/store';
import type { RateLimitPolicy, RoutePolicies } from './policy.ts';

/** How often a client may come, on all nodes that share the store. */
export interface RateLimitOptions {
  readonly store: { readonly rateLimits: RateLimitStore };
  /** The root secrets of the sessions, newest first: the store sees keyed hashes of addresses. */
  readonly secrets: readonly RootSecret[];
  /** For all session routes without one of their own. Default 60 a minute, 10 at once. */
  readonly policy?: RateLimitPolicy | undefined;
  /**
   * By the name of a route, whatever its path; `false` for no limit. Default: `login` 10
   * a minute, 5 at once; `refresh` 60 a minute, 20 at once; `jwks` none.
   */
  readonly routes?: RoutePolicies | undefined;
  /** In bits, 48 to 128: how much of an IPv6 address names a client. Default 64. */
  readonly ipv6Prefix?: number | undefined;
}
