/** The time of one test, in ms since the epoch: that of the machine, and what was added to it. */
export interface TestClock {
  readonly now: () => number;
  readonly wait: (ms: number) => void;
}

export const createTestClock = (): TestClock => {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    wait: (ms) => {
      ahead += ms;
    },
  };
};
