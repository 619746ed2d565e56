import type { NotApplicable, TestRunner } from './runner.ts';

/** What every suite can be told. */
export interface GroupOptions {
  readonly skips?: readonly NotApplicable[];
  /** In ms, per test. Default: 30,000. */
  readonly timeout?: number;
}

/** Registers groups of tests with the runner, and shows what is skipped. `T` is what a test is given. */
export abstract class TestGroups<T> {
  protected readonly runner: TestRunner;
  readonly #options: GroupOptions;
  readonly #names: Set<string>;
  /** The group that all groups are in, or ''. */
  readonly #outer: string;
  #group = '';

  /** @param within the groups that these are registered with, and the group that they are in */
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

  /** Runs one test: opens what it needs, and closes it whatever happens. */
  protected abstract run(context: unknown, body: (trial: T) => Promise<void>): Promise<void>;

  group(name: string, body: () => void): void {
    this.runner.describe(name, () => {
      this.#group = name;
      this.#names.add(this.#fullName(name));
      body();
    });
  }

  test(name: string, body: (trial: T) => Promise<void>): void {
    const group = this.#group;
    const fullName = this.#fullName(`${group} > ${name}`);
    if (this.#names.has(fullName)) throw new Error(`two tests are named "${fullName}"`);
    this.#names.add(fullName);
    const reason = this.#reasonToSkip([group, `${group} > ${name}`]);
    // A rest parameter, because some runners take a declared one for a callback.
    const run = (...context: unknown[]): Promise<void> => this.run(context[0], body);
    if (reason === undefined) this.runner.it(name, run, this.#options.timeout ?? 30_000);
    else this.runner.it.skip(`${name} (skipped: ${reason})`, run);
  }

  /**
   * To be called last: a skip that names no test is a mistake, or has become one.
   * A test of its own, because some runners collect the groups' tests later.
   */
  finish(): void {
    const { skips = [] } = this.#options;
    if (skips.length === 0) return;
    this.runner.describe('skips', () => {
      this.runner.it('name tests that there are', async () => {
        const named = skips.flatMap(({ tests }) => tests);
        this.runner.expect(named.filter((name) => !this.#names.has(name))).toEqual([]);
      });
    });
  }

  #fullName(name: string): string {
    return this.#outer === '' ? name : `${this.#outer} > ${name}`;
  }

  /** What is skipped by its name is skipped in an outer group too. */
  #reasonToSkip(names: readonly string[]): string | undefined {
    const skips = this.#options.skips ?? [];
    const all = [this.#outer, ...names, ...names.map((name) => this.#fullName(name))];
    return skips.find(({ tests }) => all.some((name) => tests.includes(name)))?.reason;
  }
}
