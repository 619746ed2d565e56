/** NaN where there are no values. */
export const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** NaN where there are no values. */
export const largestOf = (values: readonly number[]): number =>
  values.reduce((largest, value) => (largest > value ? largest : value), Number.NaN);
