import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cookieValues } from './parse.ts';

test('returns the values of one name, in order', () => {
  expect(cookieValues('a=1; b=2;a=3', 'a')).toEqual(['1', '3']);
  expect(cookieValues('a=1', 'b')).toEqual([]);
  expect(cookieValues('', 'a')).toEqual([]);
  expect(cookieValues('a=b=c', 'a')).toEqual(['b=c']);
  expect(cookieValues('a=', 'a')).toEqual(['']);
  expect(cookieValues(';;a=1;;', 'a')).toEqual(['1']);
});

test('CK-05: only space and tab are trimmed', () => {
  expect(cookieValues(' \ta\t = \t1 ', 'a')).toEqual(['1']);
  for (const blank of ['\u00a0', '\u2000', '\ufeff', '\u000b', '\u0085', '\u3000']) {
    expect(cookieValues(`${blank}a=1`, 'a')).toEqual([]);
    expect(cookieValues(`a${blank}=1`, 'a')).toEqual([]);
    expect(cookieValues(`a=1${blank}`, 'a')).toEqual([`1${blank}`]);
  }
});

test('CK-05: no decoding, no case folding, no legacy syntax, no quotes', () => {
  expect(cookieValues('%61=1; A=2', 'a')).toEqual([]);
  expect(cookieValues('a=%31', 'a')).toEqual(['%31']);
  expect(cookieValues('$Version="1"; a="1"; $Path="/"', 'a')).toEqual(['"1"']);
  expect(cookieValues('a="1;a=2"', 'a')).toEqual(['"1', '2"']);
});

test('a pair without a name or without = is ignored', () => {
  expect(cookieValues('a; =a; =a=1; b', 'a')).toEqual([]);
  expect(cookieValues('a; b=1', 'a; b')).toEqual([]);
});

test('agrees with a naive split on any header', () => {
  const bit = fc.constantFrom('a', 'ab', '=', ';', ' ', '\t', '\u00a0', '1', '"', '%3d');
  const text = fc.array(bit, { maxLength: 24 }).map((bits) => bits.join(''));
  const trim = (one: string): string => one.replace(/^[ \t]+|[ \t]+$/g, '');
  fc.assert(
    fc.property(text, (header) => {
      const expected = header
        .split(';')
        .filter((pair) => pair.includes('='))
        .map((pair) => [trim(pair.slice(0, pair.indexOf('='))), pair] as const)
        .filter(([name]) => name === 'a')
        .map(([, pair]) => trim(pair.slice(pair.indexOf('=') + 1)));
      expect(cookieValues(header, 'a')).toEqual(expected);
    }),
  );
});
