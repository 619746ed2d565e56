import type { Clock } from '@pawl/core';

/** A clock that a test moves. `now` is what the store under test is given. */
export interface TestClock {
  readonly now: Clock;
  /** Moves the store's time; by a negative number, back. */
  readonly advance: (ms: number) => void | Promise<void>;
}

/** A clock that stands still until it is told to move. `start` in ms since the epoch. */
export const createTestClock = (start: number = Date.UTC(2030, 0, 2, 3, 4, 5, 678)): TestClock => {
  let time = start;
  return {
    now: () => time,
    advance: (ms) => {
      time += ms;
    },
  };
};
