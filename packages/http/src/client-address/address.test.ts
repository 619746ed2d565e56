import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from './address.ts';

const canonical = (text: string): string | undefined => parseAddress(text)?.toString();

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:0db8::0001', '2001:db8::1'],
  ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
  ['::', '::'],
  ['::1', '::1'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
  // Deprecated, and not the same as a mapped one (RFC 4291 § 2.5.5).
  ['::192.0.2.7', '::c000:207'],
  ['64:ff9b::192.0.2.7', '64:ff9b::c000:207'],
])('PX-02: %s is %s', (text, expected) => {
  expect(canonical(text)).toBe(expected);
});

test.each([
  '',
  ' 192.0.2.7',
  '192.0.2.7 ',
  '192.0.2',
  '192.0.2.7.1',
  '192.0.2.256',
  '192.0.2.07',
  '010.0.0.1',
  '0x7f.0.0.1',
  '2130706433',
  '192.0.2.-7',
  '192.0.2.7\n',
  '１.1.1.1',
  'fe80::1%eth0',
  'fe80::1%1',
  '::ffff:192.0.2.07',
  '::ffff:192.0.2.256',
  '::ffff:0x7f.0.0.1',
  '::ffff:192.0.2',
  '1::2::3',
  ':::',
  ':',
  '12345::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:192.0.2.7',
  '[::1]',
  '192.0.2.7:80',
  'unknown',
  'localhost',
  `${'0'.repeat(60)}::1`,
])('PX-02: %j is invalid', (text) => {
  expect(parseAddress(text)).toBeNull();
});

const numRuns = Number(process.env['PAWL_RUNS'] ?? 20_000);

test('accepts what Node accepts, except zones', () => {
  const piece = fc.constantFrom(
    ':',
    '::',
    '.',
    '0',
    '1',
    '01',
    'f',
    'ffff',
    '255',
    '256',
    'g',
    '%1',
    ' ',
  );
  const nearly = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
  const anything = fc.oneof(nearly, fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), fc.string());
  fc.assert(
    fc.property(anything, (text) => {
      expect(parseAddress(text) !== null).toBe(isIP(text) !== 0 && !text.includes('%'));
    }),
    { numRuns },
  );
});

test('returns one canonical text per address, which parses to the same address', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = canonical(text);
      expect(address && canonical(address)).toBe(address);
      expect(address).toBe(canonical(text.toUpperCase()));
    }),
    { numRuns: numRuns / 10 },
  );
});

test('writes IPv6 like the URL standard', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const address = canonical(text) ?? '';
      fc.pre(isIP(address) === 6);
      expect(`[${address}]`).toBe(new URL(`http://[${text}]`).hostname);
    }),
    { numRuns: numRuns / 10 },
  );
});
