import { ConfigurationError } from '@pawl/core';
import { createRateLimiter } from '@pawl/core/rate-limits';
import type { ClientAddress } from '../client-address/client-address.ts';
import type { HttpRequest } from '../request.ts';
import { createClientKey } from './client-key.ts';
import { rateLimitHeaders } from './headers.ts';
import type { RateLimitOptions } from './options.ts';
import { createBucket, createPolicies, type RateLimitPolicy } from './policy.ts';

/** The result of counting a request. */
export interface LimitVerdict {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** The counted client: an address, a network, or `unknown`. */
  readonly client: string;
}

/** Counts one request. @throws StoreUnavailableError */
export type Limit = (request: HttpRequest) => Promise<LimitVerdict>;

/** The limits of a service. */
export interface RateLimits {
  /** Refuses a policy for an unknown route. @throws ConfigurationError */
  validateRoutes(names: readonly string[]): void;
  /**
   * Returns the limit of a name, or null without one. One request is counted once, however often
   * the limit is called.
   *
   * @throws ConfigurationError
   */
  limit(name: string, policy?: RateLimitPolicy): Limit | null;
}

/** Creates the limits of a service. @throws ConfigurationError, naming the option */
export const createRateLimits = (
  options: RateLimitOptions,
  clientAddress: ClientAddress,
): RateLimits => {
  const { store, secrets } = options;
  const limiter = createRateLimiter({ store, secrets });
  const limitOf = createPolicies(options.policy, options.routes);
  const keyOf = createClientKey(options.ipv6Prefix);
  const counted = new WeakMap<object, Map<string, Promise<LimitVerdict>>>();

  return {
    validateRoutes: (names) => {
      for (const name of Object.keys(options.routes ?? {})) {
        if (name === 'login' || names.includes(name)) continue;
        throw new ConfigurationError(`rateLimits.routes.${name}`, 'unknown route');
      }
    },
    limit: (name, policy) => {
      // The name is sent in a header, in quotes.
      if (!/^[a-z][\w.-]{0,63}$/i.test(name)) {
        throw new ConfigurationError('name', 'must be 1 to 64 letters, digits, _, . and -');
      }
      const bucket = policy ? createBucket('policy', policy) : limitOf(name);
      if (!bucket) return null;
      const count = async (request: HttpRequest): Promise<LimitVerdict> => {
        const client = keyOf(clientAddress(request));
        const outcome = await limiter.consume(name, client, bucket);
        return {
          allowed: outcome.allowed,
          headers: rateLimitHeaders(name, bucket, outcome),
          client,
        };
      };
      return (request) => {
        const source = request.source ?? request;
        const known = counted.get(source) ?? new Map<string, Promise<LimitVerdict>>();
        counted.set(source, known);
        const verdict = known.get(name) ?? count(request);
        known.set(name, verdict);
        return verdict;
      };
    },
  };
};
