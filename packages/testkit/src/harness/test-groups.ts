import { defaultTimeout } from './property-options.ts';
import type { NotApplicable, TestRunner } from './runner.ts';

/** Options that every suite has. */
export interface GroupOptions {
  /**
   * Tests that do not apply. The runner shows them as skipped with their reasons. An entry that matches no
   * test is an error. Default: none.
   */
  readonly skips?: readonly NotApplicable[] | undefined;
  /** In ms: time limit of each test. Default: 30,000. */
  readonly timeout?: number | undefined;
}

/** Registers groups of tests with the runner, and marks skipped ones. A test receives a `T`. */
export abstract class TestGroups<T> {
  protected readonly runner: TestRunner;
  readonly #options: GroupOptions;
  readonly #names: Set<string>;
  /** The outer group of all groups, or ''. */
  readonly #outer: string;
  #group = '';

  /** @param within the groups that share names and skips with these, and the name of the outer group */
  constructor(
    runner: TestRunner,
    options: GroupOptions,
    within?: { readonly groups: TestGroups<T>; readonly name: string },
  ) {
    this.runner = runner;
    this.#options = options;
    this.#names = within ? within.groups.#names : new Set();
    this.#outer = within?.name ?? '';
    if (within) this.#names.add(within.name);
  }

  /** Runs one test: opens what it needs, and always closes it. */
  protected abstract run(context: unknown, body: (trial: T) => Promise<void>): Promise<void>;

  /** Registers a group of tests. */
  group(name: string, body: () => void): void {
    this.runner.describe(name, () => {
      this.#group = name;
      this.#names.add(this.#fullName(name));
      body();
    });
  }

  /** Registers a test in the current group. Throws if the group has a test of that name. */
  test(name: string, body: (trial: T) => Promise<void>): void {
    const group = this.#group;
    const fullName = this.#fullName(`${group} > ${name}`);
    if (this.#names.has(fullName)) throw new Error(`two tests are named "${fullName}"`);
    this.#names.add(fullName);
    const reason = this.#reasonToSkip([group, `${group} > ${name}`]);
    // A rest parameter, because some runners treat a declared parameter as a callback.
    const run = (...context: unknown[]): Promise<void> => this.run(context[0], body);
    if (reason === undefined) this.runner.it(name, run, this.#options.timeout ?? defaultTimeout);
    else this.runner.it.skip(`${name} (skipped: ${reason})`, run);
  }

  /**
   * Registers a test that every skip matches a test. Call it last. It is a test, because some runners
   * collect the tests of groups later.
   */
  finish(): void {
    const { skips = [] } = this.#options;
    if (skips.length === 0) return;
    this.runner.describe('skips', () => {
      this.runner.it('match existing tests', async () => {
        const named = skips.flatMap(({ tests }) => tests);
        this.runner.expect(named.filter((name) => !this.#names.has(name))).toEqual([]);
      });
    });
  }

  #fullName(name: string): string {
    return this.#outer === '' ? name : `${this.#outer} > ${name}`;
  }

  /** A skip of a test or group also applies to the one of the same name in the outer group. */
  #reasonToSkip(names: readonly string[]): string | undefined {
    const skips = this.#options.skips ?? [];
    const all = [this.#outer, ...names, ...names.map((name) => this.#fullName(name))];
    return skips.find(({ tests }) => all.some((name) => tests.includes(name)))?.reason;
  }
}
