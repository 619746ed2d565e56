import { setImmediate as tick } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Entry, Queue } from './queue.ts';

test('an empty queue has no first value', () => {
  const queue = new Queue<string>();
  expect([queue.first, queue.shift(), queue.shift(), queue.first]).toStrictEqual(
    Array.from({ length: 4 }),
  );
});

test('it behaves like a list, whichever values are removed when', () => {
  const step = fc.oneof(
    fc.constant('add' as const),
    fc.constant('shift' as const),
    fc.record({ remove: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new Queue<number>();
      const entries: Entry[] = [];
      let list: number[] = [];
      const shifted: (number | undefined)[] = [];
      const expected: (number | undefined)[] = [];
      for (const one of steps) {
        if (one === 'add') {
          list.push(entries.length);
          entries.push(queue.add(entries.length));
        } else if (one === 'shift') {
          shifted.push(queue.shift());
          expected.push(list.shift());
        } else {
          // An entry may be removed twice.
          entries[one.remove]?.remove();
          list = list.filter((entry) => entry !== one.remove);
        }
        expect(queue.first).toBe(list[0]);
      }
      expect(shifted).toStrictEqual(expected);
      expect(list.map(() => queue.shift())).toStrictEqual(list);
      expect(queue.first).toBeUndefined();
    }),
  );
});

test('a removed entry keeps no later value in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const queue = new Queue<object>();
  const first = queue.add({});
  const later = ((): WeakRef<object>[] => {
    let before = first;
    return Array.from({ length: 100 }, () => {
      const value = {};
      const entry = queue.add(value);
      before.remove();
      before = entry;
      return new WeakRef(value);
    });
  })();
  queue.shift();
  await tick();
  collect();
  expect(later.filter((value) => value.deref() !== undefined)).toHaveLength(0);
  first.remove();
});
