import type { TestRunner } from './runner.ts';

/** Registers a suite with a runner. */
export type Register = (runner: TestRunner) => void;

/** A test that a suite has registered, by its full name. */
export interface CollectedTest {
  readonly name: string;
  readonly run: (...context: unknown[]) => Promise<void>;
}

/** Returns the tests of a suite, without running them. */
export const collectTests = (
  register: Register,
  expect: TestRunner['expect'],
): readonly CollectedTest[] => {
  const tests: CollectedTest[] = [];
  const groups: string[] = [];
  const it = (name: string, run: CollectedTest['run']): void => {
    tests.push({ name: [...groups, name].join(' > '), run });
  };
  register({
    describe: (name, body) => {
      groups.push(name);
      body();
      groups.pop();
    },
    it: Object.assign(it, { skip: () => undefined }),
    expect,
  });
  return tests;
};
