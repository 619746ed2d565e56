/** How many runs of late replays were at least so long; by length. */
export const tailOf = (runs: readonly number[]): number[] => {
  const tail = [...runs];
  for (let length = tail.length - 2; length >= 0; length--) {
    tail[length] = (tail[length] ?? 0) + (tail[length + 1] ?? 0);
  }
  return tail.map((count) => count ?? 0);
};

/**
 * Of `weeks` session-weeks with these runs, how many of 100,000 would be ended by a run of
 * `length`. Beyond the longest run that was seen, each longer one is rarer by the factor by
 * which the last one was.
 */
export const endedOf100000 = (runs: readonly number[], weeks: number, length: number): number => {
  const tail = tailOf(runs);
  const longest = tail.findLastIndex((count) => count > 0);
  if (longest < 1) return 0;
  const seen = tail[length];
  if (seen !== undefined && length <= longest) return (100_000 * seen) / weeks;
  const last = tail[longest] ?? 0;
  // A single run was seen: as if none were rarer than by the number of all.
  const before = longest === 1 ? weeks : (tail[longest - 1] ?? 0);
  return ((100_000 * last) / weeks) * (last / before) ** (length - longest);
};
