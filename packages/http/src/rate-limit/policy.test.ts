import { ConfigurationError } from '@pawl/core';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../client-address/address.ts';
import { createClientKey } from './client-key.ts';
import { createPolicies, type RateLimitPolicy, type RoutePolicies } from './policy.ts';

describe('policies', () => {
  test('C11: 60 per minute and 10 at once; login and refresh have their own', () => {
    const limitOf = createPolicies();
    for (const name of [
      'logout',
      'session',
      'sessions',
      'revoke_session',
      'revoke_sessions',
      'x',
    ]) {
      expect(limitOf(name)).toEqual({ capacity: 10, refillInterval: 1_000 });
    }
    expect(limitOf('login')).toEqual({ capacity: 5, refillInterval: 6_000 });
    expect(limitOf('refresh')).toEqual({ capacity: 20, refillInterval: 1_000 });
    expect(limitOf('jwks')).toBeNull();
  });

  test('for one route, for all others, or without a limit', () => {
    const limitOf = createPolicies({ limit: 7, burst: 3 }, {
      login: false,
      session: { limit: 1, burst: 1, period: 5_000 },
    } as RoutePolicies);
    // Rounded up, so that the limit is never exceeded.
    expect(limitOf('logout')).toEqual({ capacity: 3, refillInterval: 8_572 });
    expect(limitOf('session')).toEqual({ capacity: 1, refillInterval: 5_000 });
    expect(limitOf('login')).toBeNull();
    expect(limitOf('refresh')).toEqual({ capacity: 20, refillInterval: 1_000 });
  });

  test.each<[string, RateLimitPolicy | undefined, unknown]>([
    ['rateLimits.policy.limit', { limit: 0, burst: 1 }, {}],
    ['rateLimits.policy.limit', { limit: 1.5, burst: 1 }, {}],
    ['rateLimits.policy.burst', { limit: 1, burst: 0 }, {}],
    ['rateLimits.policy.burst', { limit: 1, burst: 2, period: 300 * 86_400_000 }, {}],
    ['rateLimits.policy.period', { limit: 1, burst: 1, period: 0 }, {}],
    ['rateLimits.routes.refresh.burst', undefined, { refresh: { limit: 1, burst: Number.NaN } }],
  ])('%s is named', (option, policy, routes) => {
    const construct = (): unknown => createPolicies(policy, routes as RoutePolicies);
    expect(construct).toThrow(ConfigurationError);
    expect(construct).toThrow(`${option}: `);
  });
});

describe('PX-03: the bucket of an address', () => {
  test.each([
    [undefined, '203.0.113.7', '203.0.113.7'],
    [undefined, '::ffff:203.0.113.7', '203.0.113.7'],
    [undefined, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    [undefined, '2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
    [48, '2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    [56, '2001:db8:1:2ff:3::', '2001:db8:1:200::/56'],
    [128, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6/128'],
    [undefined, 'nonsense', 'unknown'],
  ])('/%s: %s is %s', (prefix, address, expected) => {
    expect(createClientKey(prefix)(parseAddress(address))).toBe(expected);
  });

  test.each([47, 129, 64.5, Number.NaN])('/%s is refused', (prefix) => {
    expect(() => createClientKey(prefix)).toThrow(/^rateLimits.ipv6Prefix:/);
  });
});
