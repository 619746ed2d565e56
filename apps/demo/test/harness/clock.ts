/** The time of one test, in ms since the epoch. */
export interface TestClock {
  readonly now: () => number;
  readonly wait: (ms: number) => void;
}

/**
 * Creates a clock.
 *
 * @param time what runs on its own. Default: the clock of the machine
 */
export const createTestClock = (time: () => number = Date.now): TestClock => {
  let ahead = 0;
  return {
    now: () => time() + ahead,
    wait: (ms) => {
      ahead += ms;
    },
  };
};

/** Creates a clock that stands still until it is told to wait, so that a slow machine changes nothing. */
export const createStoppedClock = (): TestClock => {
  const begin = Date.now();
  return createTestClock(() => begin);
};
