import type { RootSecret } from '@pawl/core';
import type { RateLimitStore } from '@pawl/core/store';
import type { RateLimitPolicy, RoutePolicies } from './policy.ts';

/** How often one client may send requests. Nodes that share the store share the limits. */
export interface RateLimitOptions {
  /** An adapter's store. */
  readonly store: { readonly rateLimits: RateLimitStore };
  /**
   * The root secrets of the sessions, newest first. The store sees only keyed hashes of addresses.
   */
  readonly secrets: readonly RootSecret[];
  /** For session routes without a policy of their own. Default: 60 per minute, 10 at once. */
  readonly policy?: RateLimitPolicy | undefined;
  /**
   * Policies by the name of the route, not its path; `false` for no limit. Default: `login` 10 per
   * minute, 5 at once; `refresh` 60 per minute, 20 at once; `jwks` no limit.
   */
  readonly routes?: RoutePolicies | undefined;
  /** In bits, 48 to 128: the prefix of an IPv6 address that counts as one client. Default 64. */
  readonly ipv6Prefix?: number | undefined;
}
