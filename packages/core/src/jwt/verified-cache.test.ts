import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVerifiedCache } from './verified-cache.ts';

test('answers what was put, and nothing else', () => {
  const cache = createVerifiedCache<number>(4);
  cache.set('a', 1);
  expect(cache.get('a')).toBe(1);
  expect(cache.get('b')).toBeUndefined();
  cache.set('a', 2);
  expect(cache.get('a')).toBe(2);
});

test('an entry that is asked for stays, however many come after it', () => {
  const cache = createVerifiedCache<number>(10);
  cache.set('kept', 1);
  for (let i = 0; i < 1000; i++) {
    cache.set(`other ${i}`, i);
    expect(cache.get('kept')).toBe(1);
  }
});

test('an entry that nobody asks for goes', () => {
  const cache = createVerifiedCache<number>(10);
  cache.set('left', 1);
  for (let i = 0; i < 10; i++) cache.set(`other ${i}`, i);
  expect(cache.get('left')).toBeUndefined();
});

test('it never holds more than its limit, and never answers with another entry', () => {
  const command = fc.tuple(fc.boolean(), fc.nat(30));
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.array(command), (limit, commands) => {
      // Looking changes what is held, hence a cache of its own for each look.
      const look = (key: number): number | undefined => {
        const cache = createVerifiedCache<number>(limit);
        for (const [isPut, n] of commands) {
          if (isPut) cache.set(`${n}`, n);
          else if ((cache.get(`${n}`) ?? n) !== n) throw new Error('another entry');
        }
        return cache.get(`${key}`);
      };
      const held = Array.from({ length: 31 }, (_, key) => look(key)).filter(Number.isInteger);
      expect(held.length).toBeLessThanOrEqual(limit);
    }),
  );
});

test('a limit of many entries is used', () => {
  const cache = createVerifiedCache<number>(1000);
  for (let i = 0; i < 500; i++) cache.set(`${i}`, i);
  for (let i = 0; i < 500; i++) expect(cache.get(`${i}`)).toBe(i);
});
