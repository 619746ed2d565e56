import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Place, Queue } from './queue.ts';

test('an empty one has no first, however often it is asked for it', () => {
  const queue = new Queue<string>();
  expect([queue.first, queue.shift(), queue.shift(), queue.first]).toStrictEqual(
    Array.from({ length: 4 }),
  );
});

test('it does what a list would do, whoever leaves when', () => {
  const step = fc.oneof(
    fc.constant('add' as const),
    fc.constant('shift' as const),
    fc.record({ leave: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new Queue<number>();
      const places: Place[] = [];
      let list: number[] = [];
      const shifted: (number | undefined)[] = [];
      const expected: (number | undefined)[] = [];
      for (const one of steps) {
        if (one === 'add') {
          list.push(places.length);
          places.push(queue.add(places.length));
        } else if (one === 'shift') {
          shifted.push(queue.shift());
          expected.push(list.shift());
        } else {
          // Whoever has left already may be told to leave again.
          places[one.leave]?.leave();
          list = list.filter((entry) => entry !== one.leave);
        }
        expect(queue.first).toBe(list[0]);
      }
      expect(shifted).toStrictEqual(expected);
      expect(list.map(() => queue.shift())).toStrictEqual(list);
      expect(queue.first).toBeUndefined();
    }),
  );
});

test('who has left holds nobody who came later, however long it is held itself', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const queue = new Queue<object>();
  const first = queue.add({});
  const later = ((): WeakRef<object>[] => {
    let before = first;
    return Array.from({ length: 100 }, () => {
      const entry = {};
      const place = queue.add(entry);
      before.leave();
      before = place;
      return new WeakRef(entry);
    });
  })();
  queue.shift();
  await turn();
  collect();
  expect(later.filter((entry) => entry.deref() !== undefined)).toHaveLength(0);
  first.leave();
});
