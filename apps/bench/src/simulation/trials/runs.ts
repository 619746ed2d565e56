/** How many runs of late replays were at least so long; by length. */
export const tailOf = (runs: readonly number[]): number[] => {
  const tail = [...runs];
  for (let length = tail.length - 2; length >= 0; length--) {
    tail[length] = (tail[length] ?? 0) + (tail[length + 1] ?? 0);
  }
  return tail.map((count) => count ?? 0);
};

/** What was seen in a number of session-weeks. */
export interface SeenRuns {
  readonly sessions: number;
  readonly rotations: number;
  readonly runs: readonly number[];
}

/**
 * Of 100,000 session-weeks, how many would be ended by a run of `length`. Beyond the longest run
 * that was seen, each longer one is rarer by the factor by which that one was rarer than the one
 * before, or than any generation.
 */
export const endedOf100000 = ({ sessions, rotations, runs }: SeenRuns, length: number): number => {
  const tail = tailOf(runs);
  const longest = tail.findLastIndex((count) => count > 0);
  if (longest < 1) return 0;
  const seen = tail[Math.min(length, longest)] ?? 0;
  const before = longest === 1 ? rotations : (tail[longest - 1] ?? 0);
  const factor = (tail[longest] ?? 0) / before;
  return ((100_000 * seen) / sessions) * factor ** Math.max(0, length - longest);
};
