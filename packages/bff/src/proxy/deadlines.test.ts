import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const timed = () => ({ end: vi.fn<(reason: 'timeout') => void>() });

test('each entry ends at its own time, and once', () => {
  const deadlines = new Deadlines(1_000, 'timeout');
  const [first, second] = [timed(), timed()];
  deadlines.add(first);
  vi.advanceTimersByTime(400);
  deadlines.add(second);
  vi.advanceTimersByTime(599);
  expect(first.end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2);
  expect(first.end).toHaveBeenCalledExactlyOnceWith('timeout');
  vi.advanceTimersByTime(397);
  expect(second.end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2);
  expect(second.end).toHaveBeenCalledExactlyOnceWith('timeout');
  vi.advanceTimersByTime(5_000);
  expect(first.end).toHaveBeenCalledOnce();
});

test('an entry that was removed is not ended, and leaves no timer', () => {
  const deadlines = new Deadlines(1_000, 'timeout');
  const [over, open] = [timed(), timed()];
  deadlines.add(over)?.remove();
  vi.advanceTimersByTime(1_500);
  expect(over.end).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
  deadlines.add(open);
  vi.advanceTimersByTime(1_001);
  expect(open.end).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

test('thousands share one timer, and an infinite timeout has none', () => {
  const deadlines = new Deadlines(1_000, 'timeout');
  const all = Array.from({ length: 5_000 }, timed);
  for (const one of all) deadlines.add(one);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1_001);
  for (const { end } of all) expect(end).toHaveBeenCalledOnce();
  new Deadlines(Number.POSITIVE_INFINITY, 'timeout').add(timed());
  expect(vi.getTimerCount()).toBe(0);
});
