import type { SuiteOptions } from './factory.ts';

/** In ms: the time limit of a test, if the options do not say. */
export const defaultTimeout = 30_000;

/** The options of fast-check that a property test of a suite uses. */
export interface PropertyOptions {
  readonly numRuns: number;
  readonly seed?: number;
  readonly interruptAfterTimeLimit: number;
}

/**
 * Returns the options of fast-check for a property test. On a slow machine it makes fewer runs, because
 * it must end before the runner ends the test.
 */
export const propertyOptions = (
  { seed, timeout = defaultTimeout }: Pick<SuiteOptions, 'seed' | 'timeout'>,
  numRuns: number,
): PropertyOptions => ({
  numRuns,
  interruptAfterTimeLimit: timeout / 2,
  ...(seed === undefined ? {} : { seed }),
});
