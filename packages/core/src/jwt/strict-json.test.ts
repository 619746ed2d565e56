import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxDepth, parseStrictObject } from './strict-json.ts';

const isDeepFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isDeepFrozen));

const nested = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;

describe('JW-12: duplicate member names', () => {
  test.each([
    ['at the top', '{"sub":"a","sub":"b"}'],
    ['with the same value', '{"sub":"a","sub":"a"}'],
    ['apart', '{"sub":"a","iss":"i","x":[1,2],"sub":"b"}'],
    ['nested', '{"act":{"sub":"a","sub":"b"}}'],
    ['inside an array', '{"x":[{"y":1,"y":2}]}'],
    ['deep', '{"x":[[{"z":{"y":[],"y":{}}}]]}'],
    ['spelt with an escape', '{"sub":"a","\\u0073ub":"b"}'],
    ['empty', '{"":1,"":2}'],
    ['integer-like', '{"1":1,"1":2}'],
    ['hidden behind an escaped quote', '{"a\\"":1,"a\\"":2}'],
    ['hidden behind an escaped backslash', '{"a\\\\":1,"a\\\\":2}'],
    ['with white space before the colon', '{"a" :1,"a"\n:2}'],
    ['where a string supplies a colon less', '{"a":1,"a":"\\"b"}'],
  ])('%s', (_, json) => {
    expect(() => JSON.parse(json)).not.toThrow();
    expect(parseStrictObject(json)).toBeUndefined();
  });

  test('any member written twice is found, wherever it is', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), {
      minKeys: 1,
      maxKeys: 5,
    });
    fc.assert(
      fc.property(json, fc.nat(), fc.jsonValue(), (value, index, other) => {
        const names = Object.keys(value).filter((name) => name !== '__proto__');
        fc.pre(names.length > 0);
        const name = JSON.stringify(names[index % names.length]);
        const text = JSON.stringify(value);
        const twice = `${text.slice(0, -1)},${name}:${JSON.stringify(other)}}`;
        expect(parseStrictObject(twice)).toBeUndefined();
        expect(parseStrictObject(`{"outer":[${twice}]}`)).toBeUndefined();
      }),
    );
  });
});

test('what has no duplicates is read as JSON.parse reads it, frozen to the bottom', () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      fc.pre(!text.includes('__proto__'));
      const parsed = parseStrictObject(text);
      expect(parsed).toEqual(JSON.parse(text));
      expect(isDeepFrozen(parsed)).toBe(true);
    }),
  );
});

test.each([
  ['', 'nothing'],
  ['null', 'null'],
  ['[]', 'an array'],
  ['"a"', 'a string'],
  ['{"a":1', 'a truncated object'],
  ['{"a":1}x', 'more than an object'],
  ["{'a':1}", 'single quotes'],
  ['{"a":1e999}', 'a number that overflows'],
  ['{"a":{"b":[-1e999]}}', 'one that overflows at depth'],
  ['{"a":NaN}', 'NaN'],
  ['\uFEFF{"a":1}', 'a byte order mark'],
])('refuses %j: %s', (json) => {
  expect(parseStrictObject(json)).toBeUndefined();
});

test('__proto__ is refused at any level and by any spelling', () => {
  expect(parseStrictObject('{"__proto__":{"admin":true}}')).toBeUndefined();
  expect(parseStrictObject('{"a":[{"__proto__":1}]}')).toBeUndefined();
  expect(parseStrictObject('{"\\u005f_proto__":1}')).toBeUndefined();
  expect(parseStrictObject('{"constructor":1,"prototype":2}')).toEqual({
    constructor: 1,
    prototype: 2,
  });
});

test('nesting is bounded', () => {
  expect(parseStrictObject(nested(maxDepth))).toBeDefined();
  expect(parseStrictObject(nested(maxDepth + 1))).toBeUndefined();
  expect(parseStrictObject(`{"a":${'['.repeat(4000)}${']'.repeat(4000)}}`)).toBeUndefined();
});
