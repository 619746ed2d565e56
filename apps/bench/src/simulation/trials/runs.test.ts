import { expect, it } from 'vitest';
import { endedOf100000, type SeenRuns, tailOf } from './runs.ts';

it('counts runs that are at least so long', () => {
  expect(tailOf([])).toEqual([]);
  expect(tailOf([0, 5, 3, 0, 1])).toEqual([9, 9, 4, 1, 1]);
});

const seen = (runs: readonly number[]): SeenRuns => ({ sessions: 1_000, rotations: 100_000, runs });

it('says how many sessions a run of that length ends', () => {
  expect(endedOf100000(seen([0, 90, 9, 1]), 2)).toBeCloseTo(1_000);
  expect(endedOf100000(seen([0, 90, 9, 1]), 3)).toBeCloseTo(100);
});

it('goes on beyond the longest run that was seen by the last factor', () => {
  expect(endedOf100000(seen([0, 90, 9, 1]), 4)).toBeCloseTo(10);
  expect(endedOf100000(seen([0, 90, 10]), 4)).toBeCloseTo(10);
  expect(endedOf100000(seen([0, 100]), 2)).toBeCloseTo(10);
  expect(endedOf100000(seen([]), 3)).toBe(0);
});
