/** `count` seeds in a row: each is one story, on any machine. */
export const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);
