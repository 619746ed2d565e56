import type { Clock } from '@pawl/core';

/** A clock that a test moves. */
export interface TestClock {
  /** Returns the time in ms since the epoch. Pass it to the store under test. */
  readonly now: Clock;
  /** Moves the clock by `ms`; a negative number moves it back. */
  readonly advance: (ms: number) => void | Promise<void>;
}

/**
 * Creates a clock that stands still until a test moves it.
 *
 * @param start in ms since the epoch
 * @example
 * const clock = createTestClock();
 * const store = createMemoryStore({ clock: clock.now });
 * await clock.advance(60_000);
 */
export const createTestClock = (start: number = Date.UTC(2030, 0, 2, 3, 4, 5, 678)): TestClock => {
  let time = start;
  return {
    now: () => time,
    advance: (ms) => {
      time += ms;
    },
  };
};
