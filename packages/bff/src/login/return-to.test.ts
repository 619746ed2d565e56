import fc from 'fast-check';
import { expect, test } from 'vitest';
import { returnUrl } from './return-to.ts';

const origin = 'https://app.example';

test.each([
  ['/', '/'],
  ['/a/b?x=1&y=%2F#z', '/a/b?x=1&y=%2F#z'],
  ['/a/../b', '/b'],
  ['/?next=https://evil.example', '/?next=https://evil.example'],
  ['/@evil.example', '/@evil.example'],
  ['/:80', '/:80'],
])('returnTo=%s redirects to %s', (given, path) => {
  expect(returnUrl(given, origin)).toBe(`${origin}${path}`);
});

test.each([
  '',
  'a',
  '?x',
  '#x',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\/evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/ /evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '/%2e//evil.example',
  '/./\\evil.example',
  '/a\\b',
  'https://evil.example',
  'https:/evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '/\u0000',
  '/\u00a0/evil.example',
  '/\u2028',
  '/é',
  '/a\r\nset-cookie: x=y',
  `${origin}.evil.example`,
  `${origin}@evil.example`,
  `/${'a'.repeat(2_048)}`,
])('BFF-09: returnTo=%j is refused', (given) => {
  expect(returnUrl(given, origin)).toBeNull();
});

test('BFF-09: any accepted path stays on the origin, also when it is resolved again', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '%2f',
    '%5c',
    '%2e',
    '@',
    ':',
    'evil.example',
    '\t',
    '?',
    '#',
    ';',
    ' ',
    'https:',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const url = returnUrl(`/${pieces.join('')}`, origin);
      if (url === null) return;
      expect(new URL(url).origin).toBe(origin);
      const { pathname, search } = new URL(url);
      expect(new URL(`${pathname}${search}`, origin)).toMatchObject({ origin, pathname });
    }),
    { numRuns: 5_000 },
  );
});
