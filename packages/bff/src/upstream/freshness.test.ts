import { expect, test } from 'vitest';
import { freshnessOf } from './freshness.ts';

const hour = 3_600_000;
const ids = Array.from({ length: 200 }, (_, at) => `session${at}`);
const at = (now: number, id = 'a', lifetime = hour, ahead = 60_000) =>
  freshnessOf({ obtainedAt: 0, expiresAt: lifetime }, id, now, ahead);

test('a token is fresh, then due, then expired', () => {
  expect(at(0)).toBe('fresh');
  expect(at(hour - 90_001)).toBe('fresh');
  expect(at(hour - 60_000)).toBe('due');
  expect(at(hour - 2_001)).toBe('due');
  expect(at(hour - 2_000)).toBe('expired');
  expect(at(2 * hour)).toBe('expired');
});

test('tokens of sessions that began together become due at different times, never late', () => {
  const due = ids.filter((id) => at(hour - 75_000, id) === 'due').length;
  expect(due).toBeGreaterThan(50);
  expect(due).toBeLessThan(150);
  expect(ids.every((id) => at(hour - 60_000, id) === 'due')).toBe(true);
  expect(ids.every((id) => at(hour - 90_001, id) === 'fresh')).toBe(true);
});

test('a short-lived token is fresh for most of its lifetime', () => {
  expect(ids.every((id) => at(6_000, id, 10_000) === 'fresh')).toBe(true);
  expect(ids.every((id) => at(7_500, id, 10_000) === 'due')).toBe(true);
  expect(at(9_000, 'a', 10_000)).toBe('expired');
});

test('a token without a known expiry is fresh, one with a lifetime of 0 is expired', () => {
  expect(freshnessOf({ obtainedAt: 0, expiresAt: null }, 'a', hour, 1)).toBe('fresh');
  expect(at(0, 'a', 0)).toBe('expired');
});
