import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeTarget } from './target.ts';

test.each([
  ['https://a.example/x', 'https://a.example/x'],
  ['HTTPS://A.Example/x', 'https://a.example/x'],
  ['https://a.example:443/x', 'https://a.example/x'],
  ['http://a.example:80/x', 'http://a.example/x'],
  ['https://a.example:8443/x', 'https://a.example:8443/x'],
  ['https://a.example', 'https://a.example/'],
  ['https://a.example/x?q=1#f', 'https://a.example/x'],
  ['https://a.example?q=1', 'https://a.example/'],
  ['https://a.example/%7Eann/%41', 'https://a.example/~ann/A'],
  ['https://a.example/%2f%c3%a9', 'https://a.example/%2F%C3%A9'],
  ['https://a.example/a/./b/../c', 'https://a.example/a/c'],
  ['https://a.example/a/%2e%2E/c', 'https://a.example/c'],
  ['https://a.example//x', 'https://a.example//x'],
  ['https://a.example/X', 'https://a.example/X'],
  ['https://a.example/x/', 'https://a.example/x/'],
  ['https://a.example/a%3Fb', 'https://a.example/a%3Fb'],
  ['https://a.example/a;b=c', 'https://a.example/a;b=c'],
])('%s is %s', (given, expected) => {
  expect(normalizeTarget(given)).toBe(expected);
});

test.each([
  '',
  '/x',
  'a.example/x',
  '//a.example/x',
  'ftp://a.example/x',
  'javascript:alert(1)',
  'https:///x',
  'https://',
  'https://?x',
  'https:a.example/x',
  'https://user@a.example/x',
  'https://user:pass@a.example/x',
  'https://a.example\\x',
  'https://a.example/\tx',
  'https://a.example/ x',
  ' https://a.example/x',
  'https://a.example/é',
  'https://a.example/%',
  'https://a.example/%zz',
  'https://a.example/%4',
  'https://[::1/x',
  `https://a.example/${'x'.repeat(9_000)}`,
])('%s is not a target', (given) => {
  expect(normalizeTarget(given)).toBeNull();
});

test('a normalized target stays the same, and no input throws', {
  timeout: 30_000,
}, () => {
  fc.assert(
    fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string()), (given) => {
      const once = normalizeTarget(given);
      expect(once === null ? null : normalizeTarget(once)).toBe(once);
    }),
    { numRuns: 2_000 },
  );
});
