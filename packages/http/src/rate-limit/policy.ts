import { ConfigurationError, isPawlError } from '@pawl/core';
import type { RateLimit } from '@pawl/core/rate-limits';
import { validateRateLimit } from '@pawl/core/store';

/** How often one client may come: `limit` times per `period`, of which `burst` times at once. */
export interface RateLimitPolicy {
  readonly limit: number;
  readonly burst: number;
  /** In ms. Default 60,000. */
  readonly period?: number | undefined;
}

/** By the name of a route; `false`: no limit. */
export type RoutePolicies = Readonly<Record<string, RateLimitPolicy | false>>;

/** For every route that has no policy of its own. */
const otherwise: RateLimitPolicy = { limit: 60, burst: 10 };

const ownDefaults: RoutePolicies = {
  // A person types a password; who tries more of them is none.
  login: { limit: 10, burst: 5 },
  // A household behind one address, every tab of it waking up at once.
  refresh: { limit: 60, burst: 20 },
  // Public, cached, and no store is asked.
  jwks: false,
};

/** The bucket of each route, or of an application's own by its name; null: no limit. */
export type LimitOf = (name: string) => RateLimit | null;

/** @throws ConfigurationError, naming the route whose policy is none. */
export const createPolicies = (
  policy: RateLimitPolicy = otherwise,
  routes: RoutePolicies = {},
): LimitOf => {
  const general = createBucket('rateLimits.policy', policy);
  const own = new Map<string, RateLimit | null>();
  for (const [name, given] of Object.entries({ ...ownDefaults, ...routes })) {
    own.set(name, given === false ? null : createBucket(`rateLimits.routes.${name}`, given));
  }
  return (name) => {
    const bucket = own.get(name);
    return bucket === undefined ? general : bucket;
  };
};

/**
 * The bucket that keeps to a policy: to whole milliseconds, never more generous.
 * @throws ConfigurationError
 */
export const createBucket = (
  option: string,
  { limit, burst, period = 60_000 }: RateLimitPolicy,
): RateLimit => {
  if (!(Number.isSafeInteger(limit) && limit >= 1)) {
    throw new ConfigurationError(`${option}.limit`, 'must be a whole number of at least 1');
  }
  if (!(Number.isSafeInteger(period) && period >= 1)) {
    throw new ConfigurationError(`${option}.period`, 'must be whole ms, and at least 1');
  }
  const bucket = { capacity: burst, refillInterval: Math.ceil(period / limit) };
  try {
    validateRateLimit(bucket);
    return bucket;
  } catch (error) {
    if (!isPawlError(error)) throw error;
    throw new ConfigurationError(
      `${option}.burst`,
      'must be a whole number of at least 1, that comes back within 400 days',
    );
  }
};
