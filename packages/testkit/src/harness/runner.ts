/**
 * The functions of a test runner that the suites call. Those of Vitest, Jest and Bun fit as they are. They
 * are passed in, so that the suites run in the same runner as the adapter's own tests.
 *
 * @example
 * import { describe, expect, it } from 'vitest';
 * testStore({ describe, it, expect }, createStoreUnderTest);
 */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it: {
    (name: string, body: (...context: unknown[]) => Promise<void>, timeout?: number): unknown;
    skip(name: string, body: () => Promise<void>): unknown;
  };
  expect(
    actual: unknown,
    message?: string,
  ): {
    toBe(expected: unknown): unknown;
    toEqual(expected: unknown): unknown;
  };
}

/** Tests that do not apply to an adapter or binding, with the reason. */
export interface NotApplicable {
  /** Why the tests do not apply. The runner shows it, and a reviewer can dispute it. */
  readonly reason: string;
  /** Names of tests as the runner prints them, `group > test`, or of whole groups. */
  readonly tests: readonly string[];
}
