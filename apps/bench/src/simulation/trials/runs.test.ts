import { expect, it } from 'vitest';
import { endedOf100000, tailOf } from './runs.ts';

it('counts runs that are at least so long', () => {
  expect(tailOf([])).toEqual([]);
  expect(tailOf([0, 5, 3, 0, 1])).toEqual([9, 9, 4, 1, 1]);
});

it('says how many sessions a run of that length ends', () => {
  expect(endedOf100000([0, 90, 9, 1], 1_000, 2)).toBeCloseTo(1_000);
  expect(endedOf100000([0, 90, 9, 1], 1_000, 3)).toBeCloseTo(100);
});

it('goes on beyond the longest run that was seen by the last ratio', () => {
  expect(endedOf100000([0, 90, 9, 1], 1_000, 4)).toBeCloseTo(10);
  expect(endedOf100000([0, 90, 10], 1_000, 4)).toBeCloseTo(10);
  expect(endedOf100000([0, 10], 1_000, 2)).toBeCloseTo(10);
  expect(endedOf100000([], 1_000, 3)).toBe(0);
});
