import { ConfigurationError } from '@pawl/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { request } from '../../test/fixture.ts';
import type { HeaderValue } from '../request.ts';
import { type ClientAddressOptions, createClientAddress } from './client-address.ts';

const trustedProxies = ['10.0.0.0/8', '2001:db8:ffff::/48'];

const clientOf = (
  options: ClientAddressOptions,
  remoteAddress: string | undefined,
  headers: Record<string, HeaderValue>,
): string | undefined => {
  const client = createClientAddress(options);
  return client({ ...request('GET', '/', headers), remoteAddress })?.toString();
};

describe('PX-01, C12: an untrusted peer is the client, whatever its headers say', () => {
  const headers = {
    'x-forwarded-for': '203.0.113.7',
    forwarded: 'for=203.0.113.7',
    'cf-connecting-ip': '203.0.113.7',
    'x-real-ip': '203.0.113.7',
    'true-client-ip': '203.0.113.7',
  };

  test('by default', () => {
    expect(clientOf({}, '10.0.0.1', headers)).toBe('10.0.0.1');
    expect(clientOf({}, '::ffff:10.0.0.1', headers)).toBe('10.0.0.1');
  });

  test.each(['x-forwarded-for', 'forwarded', 'cf-connecting-ip'] as const)(
    '%s',
    (forwardedHeader) => {
      const options = { trustedProxies, forwardedHeader };
      expect(clientOf(options, '192.0.2.1', headers)).toBe('192.0.2.1');
      expect(clientOf(options, '10.0.0.1', headers)).toBe('203.0.113.7');
      // Only this header is read.
      const { [forwardedHeader]: _, ...others } = headers;
      expect(clientOf(options, '10.0.0.1', others)).toBe('10.0.0.1');
    },
  );

  test('the client is unknown if the address of the peer is', () => {
    for (const peer of [undefined, '', 'fe80::1%eth0', '/run/socket']) {
      expect(clientOf({ trustedProxies }, peer, headers)).toBeUndefined();
    }
  });
});

test.each<[HeaderValue, string]>([
  ['203.0.113.7', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7, 10.1.1.1', '203.0.113.7'],
  ['198.51.100.1,\t203.0.113.7 ,10.1.1.1, 10.2.2.2', '203.0.113.7'],
  [['198.51.100.1', '203.0.113.7'], '203.0.113.7'],
  [['203.0.113.7, 10.1.1.1', '10.2.2.2'], '203.0.113.7'],
  // If all are trusted, so is the client.
  ['10.1.1.1, 10.2.2.2', '10.1.1.1'],
  ['2001:DB8::7', '2001:db8::7'],
  ['203.0.113.7, 2001:db8:ffff::1', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['203.0.113.7, ::ffff:10.1.1.1', '203.0.113.7'],
  // As some proxies write it.
  ['203.0.113.7:51234', '203.0.113.7'],
  ['[2001:db8::7]:51234', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  // Nothing to the left of an unreadable entry is believed.
  ['203.0.113.7, unknown, 10.1.1.1', '10.1.1.1'],
  ['203.0.113.7, , 10.1.1.1', '10.1.1.1'],
  ['203.0.113.7,', '10.0.0.1'],
  ['203.0.113.7, 010.1.1.1', '10.0.0.1'],
  ['203.0.113.7, 10.1.1.1%eth0', '10.0.0.1'],
  ['203.0.113.7, 10.1.1.256', '10.0.0.1'],
  ['203.0.113.7 10.1.1.1', '10.0.0.1'],
  ['203.0.113.7\u00a0', '10.0.0.1'],
  ['[203.0.113.7]', '10.0.0.1'],
  ['203.0.113.7:', '10.0.0.1'],
  ['203.0.113.7:x', '10.0.0.1'],
  ['"203.0.113.7"', '10.0.0.1'],
  ['for=203.0.113.7', '10.0.0.1'],
  ['', '10.0.0.1'],
  [undefined, '10.0.0.1'],
])('X-Forwarded-For: %j is %s', (value, expected) => {
  expect(clientOf({ trustedProxies }, '10.0.0.1', { 'x-forwarded-for': value })).toBe(expected);
});

test.each<[HeaderValue, string]>([
  ['for=203.0.113.7', '203.0.113.7'],
  ['For="203.0.113.7:4711"', '203.0.113.7'],
  ['proto=https;for=203.0.113.7;by=10.0.0.1', '203.0.113.7'],
  ['for=203.0.113.7; proto=https; host="app.example.com"', '203.0.113.7'],
  ['for="[2001:DB8::7]"', '2001:db8::7'],
  ['for="[2001:db8::7]:_port"', '2001:db8::7'],
  ['for=198.51.100.1, for=203.0.113.7;proto=http, for=10.1.1.1', '203.0.113.7'],
  [['for=198.51.100.1', 'for=203.0.113.7'], '203.0.113.7'],
  // A quote that a client leaves open cannot swallow what a proxy appends.
  ['for="198.51.100.1, for=203.0.113.7', '203.0.113.7'],
  ['for=203.0.113.7, for=unknown', '10.0.0.1'],
  ['for=203.0.113.7, for=_hidden', '10.0.0.1'],
  ['for=203.0.113.7, proto=https', '10.0.0.1'],
  ['for=203.0.113.7;for=203.0.113.8', '10.0.0.1'],
  ['for=203.0.113.7;', '10.0.0.1'],
  ['for=203.0.113.7;host="a;for=198.51.100.1"', '10.0.0.1'],
  ['for=203.0.113.7;host="a,for=198.51.100.1"', '10.0.0.1'],
  ['for=203.0.113.7;host="\\"', '10.0.0.1'],
  ['for=2001:db8::7', '10.0.0.1'],
  ['for="2001:db8::7"', '10.0.0.1'],
  ['for="203.0.113.07"', '10.0.0.1'],
  ['for = 203.0.113.7', '10.0.0.1'],
  ['203.0.113.7', '10.0.0.1'],
  ['for=""', '10.0.0.1'],
])('Forwarded (RFC 7239): %j is %s', (value, expected) => {
  const options = { trustedProxies, forwardedHeader: 'forwarded' } as const;
  expect(clientOf(options, '10.0.0.1', { forwarded: value })).toBe(expected);
});

test.each<[HeaderValue, string]>([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:DB8::7', '2001:db8::7'],
  ['10.1.1.1', '10.1.1.1'],
  ['198.51.100.1, 203.0.113.7', '10.0.0.1'],
  [['198.51.100.1', '203.0.113.7'], '10.0.0.1'],
  ['203.0.113.7:80', '10.0.0.1'],
  ['nonsense', '10.0.0.1'],
])('CF-Connecting-IP: %j is %s', (value, expected) => {
  const options = { trustedProxies, forwardedHeader: 'cf-connecting-ip' } as const;
  expect(clientOf(options, '10.0.0.1', { 'cf-connecting-ip': value })).toBe(expected);
});

test('an unsupported header, or one without trusted proxies, is refused', () => {
  for (const forwardedHeader of ['x-real-ip', 'X-Forwarded-For', 'toString']) {
    const options = { trustedProxies, forwardedHeader } as unknown as ClientAddressOptions;
    expect(() => createClientAddress(options)).toThrow(/^forwardedHeader: must be/);
  }
  expect(() => createClientAddress({ forwardedHeader: 'forwarded' })).toThrow(ConfigurationError);
});

test('E20: the nearest untrusted address is the client, whatever is to the left of it', () => {
  const headers = ['x-forwarded-for', 'forwarded'] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...headers),
      fc.array(fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.ipV4(), fc.ipV6())),
      fc.ipV4(),
      fc.array(fc.constantFrom('10.1.1.1', '10.2.2.2'), { maxLength: 4 }),
      (forwardedHeader, forged, client, proxies) => {
        fc.pre(!client.startsWith('10.'));
        const written = [client, ...proxies];
        const appended =
          forwardedHeader === 'forwarded' ? written.map((one) => `for=${one}`) : written;
        const value = [...forged, ...appended].join(', ');
        const found = clientOf({ trustedProxies, forwardedHeader }, '10.0.0.1', {
          [forwardedHeader]: value,
        });
        expect(found).toBe(client);
      },
    ),
    { numRuns: Number(process.env['PAWL_RUNS'] ?? 5_000) },
  );
});

test('E20: a header of any length is read in linear time', () => {
  const monsters = [
    // A parser that searches for the end from every space would time out.
    `x${' '.repeat(100_000)}x`,
    '"'.repeat(65_000),
    ';'.repeat(65_000),
    `for=${'1'.repeat(65_000)}`,
    '10.1.1.1,'.repeat(7_000),
    '['.repeat(65_000),
    `${'f'.repeat(65_000)}:`,
  ];
  for (const forwardedHeader of ['x-forwarded-for', 'forwarded'] as const) {
    const client = createClientAddress({ trustedProxies, forwardedHeader });
    for (const monster of monsters) {
      const sent = request('GET', '/', { [forwardedHeader]: monster });
      expect(client({ ...sent, remoteAddress: '10.0.0.1' })?.toString()).toBe('10.0.0.1');
    }
  }
});
