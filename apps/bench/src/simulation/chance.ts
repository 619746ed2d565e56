/** A source of randomness: the same seed leads to the same story. */
export interface Chance {
  /** 0 ≤ value < 1. */
  readonly unit: () => number;
  readonly happens: (probability: number) => boolean;
  readonly between: (least: number, most: number) => number;
  /** Uniformly distributed over the orders of magnitude. */
  readonly logBetween: (least: number, most: number) => number;
  readonly exponential: (mean: number) => number;
  readonly logNormal: (median: number, sigma: number) => number;
  readonly bytes: (length: number) => Uint8Array;
}

export const createChance = (seed: number): Chance => {
  // sfc32 (Chris Doty-Humphrey), warmed up.
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) next();

  const unit = (): number => next() / 2 ** 32;
  const exponential = (mean: number): number => -mean * Math.log(1 - unit());
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  return {
    unit,
    happens: (probability) => unit() < probability,
    between: (least, most) => least + (most - least) * unit(),
    logBetween: (least, most) => least * (most / least) ** unit(),
    exponential,
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  };
};
