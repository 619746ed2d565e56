import { ConfigurationError } from '@pawl/core';
import { expect, test } from 'vitest';
import type { Address } from './address.ts';
import { parseAddress } from './address.ts';
import { trustedProxies } from './trusted-proxies.ts';

test.each([
  [['10.0.0.0/8'], '10.255.255.255', true],
  [['10.0.0.0/8'], '11.0.0.0', false],
  [['10.0.0.0/8'], '9.255.255.255', false],
  [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
  [['192.0.2.7'], '192.0.2.7', true],
  [['192.0.2.7'], '192.0.2.6', false],
  [['192.0.2.6/31'], '192.0.2.7', true],
  [['2001:db8::/32'], '2001:db8:ffff::1', true],
  [['2001:db8::/32'], '2001:db9::', false],
  [['2001:db8::1'], '2001:DB8:0::1', true],
  [['fc00::/7'], 'fdff::1', true],
  // IPv4-mapped IPv6 is a different network than it seems.
  [['a00::/8'], '10.0.0.1', false],
  [['10.0.0.0/8', '::1'], '::1', true],
  [[], '127.0.0.1', false],
] as const)('%j and %s: %s', (ranges, address, expected) => {
  expect(trustedProxies(ranges)(parseAddress(address) as Address)).toBe(expected);
});

test.each([
  ['10.0.0/8', 'must be an address'],
  ['10.0.0.0/33', 'prefix length'],
  ['10.0.0.0/08', 'prefix length'],
  ['10.0.0.0/', 'prefix length'],
  ['10.0.0.0/ 8', 'prefix length'],
  ['10.0.0.0/-8', 'prefix length'],
  ['10.0.0.0/8/8', 'must be an address'],
  ['10.0.0.0/255.0.0.0', 'prefix length'],
  ['10.0.0.5/8', 'after its prefix'],
  ['2001:db8::1/32', 'after its prefix'],
  ['::/129', 'prefix length'],
  ['0.0.0.0/0', 'trusts every client'],
  ['::/0', 'trusts every client'],
  ['::ffff:10.0.0.0/104', 'as IPv4'],
  ['fe80::%eth0/10', 'must be an address'],
  ['loopback', 'must be an address'],
  ['', 'must be an address'],
  [' 10.0.0.0/8', 'must be an address'],
])('an invalid range is named: %j', (range, problem) => {
  const construct = (): unknown => trustedProxies(['192.0.2.0/24', range]);
  expect(construct).toThrow(ConfigurationError);
  expect(construct).toThrow(`trustedProxies: ${JSON.stringify(range)}`);
  expect(construct).toThrow(problem);
});

test('anything but a list of strings is refused', () => {
  expect(() => trustedProxies('10.0.0.0/8' as unknown as string[])).toThrow(ConfigurationError);
  expect(() => trustedProxies([8] as unknown as string[])).toThrow('trustedProxies: 8');
});
