import { ConfigurationError, isPawlError } from '@pawl/core';
import { assertOptions, type OptionNames } from '@pawl/core/internal';
import type { RateLimit } from '@pawl/core/rate-limits';
import { validateRateLimit } from '@pawl/core/store';

/** How often one client may send a request: `limit` times per `period`, `burst` of them at once. */
export interface RateLimitPolicy {
  readonly limit: number;
  readonly burst: number;
  /** In ms. Default 60,000. */
  readonly period?: number | undefined;
}

/** The members of a {@link RateLimitPolicy}. */
export const policyNames: OptionNames<RateLimitPolicy> = { limit: 1, burst: 1, period: 1 };

/** Policies by the name of the route; `false` for no limit. */
export type RoutePolicies = Readonly<Record<string, RateLimitPolicy | false>>;

/** The default of every route without a policy of its own. */
const defaultPolicy: RateLimitPolicy = { limit: 60, burst: 10 };

const routeDefaults: RoutePolicies = {
  // A person types no more passwords than that.
  login: { limit: 10, burst: 5 },
  // A household behind one address may wake up all its browser tabs at once.
  refresh: { limit: 60, burst: 20 },
  // Public, cached, and without a store call.
  jwks: false,
};

/** Returns the bucket of a route or of your own limit by its name; null for no limit. */
export type LimitOf = (name: string) => RateLimit | null;

/** Validates the policies. @throws ConfigurationError, naming the route with an invalid policy */
export const createPolicies = (
  policy: RateLimitPolicy = defaultPolicy,
  routes: RoutePolicies = {},
): LimitOf => {
  const general = createBucket('rateLimits.policy', policy);
  const own = new Map<string, RateLimit | null>();
  for (const [name, given] of Object.entries({ ...routeDefaults, ...routes })) {
    own.set(name, given === false ? null : createBucket(`rateLimits.routes.${name}`, given));
  }
  return (name) => {
    const bucket = own.get(name);
    return bucket === undefined ? general : bucket;
  };
};

/**
 * Creates the token bucket of a policy. Its interval is rounded up to whole milliseconds.
 *
 * @throws ConfigurationError
 */
export const createBucket = (option: string, policy: RateLimitPolicy): RateLimit => {
  assertOptions(policy, policyNames, `${option}.`);
  const { limit, burst, period = 60_000 } = policy;
  if (!(Number.isSafeInteger(limit) && limit >= 1)) {
    throw new ConfigurationError(`${option}.limit`, 'must be an integer of at least 1');
  }
  if (!(Number.isSafeInteger(period) && period >= 1)) {
    throw new ConfigurationError(`${option}.period`, 'must be an integer of at least 1 (ms)');
  }
  const bucket = { capacity: burst, refillInterval: Math.ceil(period / limit) };
  try {
    validateRateLimit(bucket);
    return bucket;
  } catch (error) {
    if (!isPawlError(error)) throw error;
    throw new ConfigurationError(
      `${option}.burst`,
      'must be an integer of at least 1 that refills within 400 days',
    );
  }
};
