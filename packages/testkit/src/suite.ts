import type { StoreFactory, SuiteOptions } from './factory.ts';
import type { TestRunner } from './runner.ts';
import { SkippedHere, Trial } from './trial.ts';

/** Registers the tests of a contract with the runner, and shows what is skipped. */
export class Suite<S> {
  readonly options: SuiteOptions;
  readonly #test: TestRunner;
  readonly #factory: StoreFactory<S>;
  readonly #names = new Set<string>();
  #group = '';

  constructor(test: TestRunner, factory: StoreFactory<S>, options: SuiteOptions) {
    this.#test = test;
    this.#factory = factory;
    this.options = options;
  }

  group(name: string, body: () => void): void {
    this.#test.describe(name, () => {
      this.#group = name;
      this.#names.add(name);
      body();
    });
  }

  test(name: string, body: (trial: Trial<S>) => Promise<void>): void {
    const fullName = `${this.#group} > ${name}`;
    if (this.#names.has(fullName)) throw new Error(`two tests are named "${fullName}"`);
    this.#names.add(fullName);
    const reason = this.#reasonToSkip(fullName);
    // A rest parameter, because some runners take a declared one for a callback.
    const run = (...context: unknown[]): Promise<void> => this.#run(context[0], body);
    if (reason === undefined) this.#test.it(name, run, this.options.timeout ?? 30_000);
    else this.#test.it.skip(`${name} (skipped: ${reason})`, run);
  }

  /**
   * To be called last: a skip that names no test is a mistake, or has become one.
   * A test of its own, because some runners collect the groups' tests later.
   */
  finish(): void {
    const { skips = [] } = this.options;
    if (skips.length === 0) return;
    this.#test.describe('skips', () => {
      this.#test.it('name tests that there are', async () => {
        const named = skips.flatMap(({ tests }) => tests);
        this.#test.expect(named.filter((name) => !this.#names.has(name))).toEqual([]);
      });
    });
  }

  #reasonToSkip(fullName: string): string | undefined {
    const skips = this.options.skips ?? [];
    return skips.find(({ tests }) => tests.includes(fullName) || tests.includes(this.#group))
      ?.reason;
  }

  async #run(context: unknown, body: (trial: Trial<S>) => Promise<void>): Promise<void> {
    const provided = await this.#factory();
    try {
      const second = await (provided.secondNode?.() ?? provided.store);
      await body(new Trial(this.#test, context, provided, second, this.options));
    } catch (error) {
      if (!(error instanceof SkippedHere)) throw error;
    } finally {
      await provided.close?.();
    }
  }
}
