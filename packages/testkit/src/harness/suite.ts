import type { StoreFactory, SuiteOptions } from './factory.ts';
import type { TestRunner } from './runner.ts';
import { TestGroups } from './test-groups.ts';
import { SkippedError, Trial } from './trial.ts';

/** The tests of a store. Each test receives a store of its own. */
export class Suite<S> extends TestGroups<Trial<S>> {
  readonly options: SuiteOptions;
  readonly #factory: StoreFactory<S>;

  constructor(test: TestRunner, factory: StoreFactory<S>, options: SuiteOptions) {
    super(test, options);
    this.#factory = factory;
    this.options = options;
  }

  protected override async run(
    context: unknown,
    body: (trial: Trial<S>) => Promise<void>,
  ): Promise<void> {
    const provided = await this.#factory();
    try {
      const second = await (provided.secondNode?.() ?? provided.store);
      await body(new Trial(this.runner, context, provided, second, this.options));
    } catch (error) {
      if (!(error instanceof SkippedError)) throw error;
    } finally {
      await provided.close?.();
    }
  }
}
