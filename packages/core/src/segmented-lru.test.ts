import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSegmentedLru, type SegmentedLru } from './segmented-lru.ts';

test('returns what was set, and nothing else', () => {
  const map = createSegmentedLru<number>(4);
  map.set('a', 1);
  expect(map.get('a')).toBe(1);
  expect(map.get('b')).toBeUndefined();
  map.set('a', 2);
  expect(map.get('a')).toBe(2);
});

test('an entry that is asked for stays, however many come after it', () => {
  const map = createSegmentedLru<number>(10);
  map.set('kept', 1);
  for (let i = 0; i < 1000; i++) {
    map.set(`other ${i}`, i);
    expect(map.get('kept')).toBe(1);
  }
});

test('an entry that nobody asks for goes', () => {
  const map = createSegmentedLru<number>(10);
  map.set('left', 1);
  for (let i = 0; i < 10; i++) map.set(`other ${i}`, i);
  expect(map.get('left')).toBeUndefined();
});

test('it never holds more than its limit, and never returns another entry', () => {
  const command = fc.tuple(fc.boolean(), fc.nat(30));
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.array(command), (limit, commands) => {
      // Looking changes what is held, hence a map of its own for each look.
      const look = (key: number): number | undefined => {
        const map = createSegmentedLru<number>(limit);
        for (const [isPut, n] of commands) {
          if (isPut) map.set(`${n}`, n);
          else if ((map.get(`${n}`) ?? n) !== n) throw new Error('another entry');
        }
        return map.get(`${key}`);
      };
      const held = Array.from({ length: 31 }, (_, key) => look(key)).filter(Number.isInteger);
      expect(held.length).toBeLessThanOrEqual(limit);
    }),
  );
});

test('a limit of many entries is used', () => {
  const map = createSegmentedLru<number>(1000);
  for (let i = 0; i < 500; i++) map.set(`${i}`, i);
  for (let i = 0; i < 500; i++) expect(map.get(`${i}`)).toBe(i);
});

test('what is deleted or cleared is gone, from either generation', () => {
  const filled = (): SegmentedLru<number> => {
    const map = createSegmentedLru<number>(10);
    for (let i = 0; i < 8; i++) map.set(`${i}`, i);
    return map;
  };
  for (const [key, other] of [
    ['0', '7'],
    ['7', '0'],
  ] as const) {
    const map = filled();
    map.delete(key);
    expect(map.get(key)).toBeUndefined();
    expect(map.get(other)).toBe(Number(other));
    const cleared = filled();
    cleared.clear();
    expect([cleared.get(key), cleared.get(other)]).toEqual([undefined, undefined]);
  }
});

test('the least limit there is still holds something', () => {
  const map = createSegmentedLru<number>(1);
  map.set('a', 1);
  expect(map.get('a')).toBe(1);
});
