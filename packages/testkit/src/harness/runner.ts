/**
 * The functions of a test runner that the suites need: those of Vitest, Jest
 * or Bun fit as they are. They are passed in, so that the suites run wherever
 * the adapter's own tests run.
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

/** Tests that an adapter does not pass, and a reason that a reviewer can dispute. */
export interface NotApplicable {
  readonly reason: string;
  /** Names as the runner prints them, `group > test`, or of a whole group. */
  readonly tests: readonly string[];
}
