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
  readonly #names = new Set<string>();
  #group = '';

  constructor(runner: TestRunner, options: GroupOptions) {
    this.runner = runner;
    this.#options = options;
  }

  /** Runs one test: opens what it needs, and closes it whatever happens. */
  protected abstract run(context: unknown, body: (trial: T) => Promise<void>): Promise<void>;

  group(name: string, body: () => void): void {
    this.runner.describe(name, () => {
      this.#group = name;
      this.#names.add(name);
      body();
    });
  }

  test(name: string, body: (trial: T) => Promise<void>): void {
    const fullName = `${this.#group} > ${name}`;
    if (this.#names.has(fullName)) throw new Error(`two tests are named "${fullName}"`);
    this.#names.add(fullName);
    const reason = this.#reasonToSkip(fullName);
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

  #reasonToSkip(fullName: string): string | undefined {
    const skips = this.#options.skips ?? [];
    return skips.find(({ tests }) => tests.includes(fullName) || tests.includes(this.#group))
      ?.reason;
  }
}
