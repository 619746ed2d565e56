import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Concurrency, type Leave } from './concurrency.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const create = (limit: number, maxWait = 1_000) =>
  new Concurrency({ limit, maxWait, reason: 'too_many_requests' });
const tooMany = { code: 'too_many_requests' };

test('each key has its own places, and nothing stays of a key that left', () => {
  const concurrency = create(2);
  const places = ['a', 'a', 'b'].map((key) => concurrency.enter(key));
  for (const place of places) expect(place).toBeInstanceOf(Function);
  expect(concurrency.size).toBe(2);
  for (const place of places) {
    (place as Leave)();
    // Leaving twice frees no second place.
    (place as Leave)();
  }
  expect(concurrency.size).toBe(0);
});

test('who waits enters in order, before anybody who came later', async () => {
  const concurrency = create(1);
  const leave = concurrency.enter('a') as Leave;
  const entered: number[] = [];
  const waiting = [1, 2].map(async (number) => {
    const next = await concurrency.enter('a');
    entered.push(number);
    return next;
  });
  leave();
  const late = concurrency.enter('a');
  expect(late).toBeInstanceOf(Promise);
  (await (waiting[0] as Promise<Leave>))();
  (await (waiting[1] as Promise<Leave>))();
  (await late)();
  expect(entered).toStrictEqual([1, 2]);
  expect([concurrency.size, vi.getTimerCount()]).toStrictEqual([0, 0]);
});

test('who waits too long is refused, and takes no place later', async () => {
  const concurrency = create(1);
  const leave = concurrency.enter('a') as Leave;
  const waiting = Promise.resolve(concurrency.enter('a')).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(1_001);
  expect(await waiting).toMatchObject(tooMany);
  leave();
  expect(concurrency.size).toBe(0);
});

test('the number of those who wait is bounded, and with no wait nobody waits', async () => {
  const concurrency = create(1);
  const leave = concurrency.enter('a') as Leave;
  const waiting = [1, 2, 3, 4].map(() => concurrency.enter('a'));
  await expect(concurrency.enter('a')).rejects.toMatchObject(tooMany);
  leave();
  for (const one of waiting) (await one)();
  const without = create(1, 0);
  expect(without.enter('a')).toBeInstanceOf(Function);
  await expect(without.enter('a')).rejects.toMatchObject(tooMany);
});
