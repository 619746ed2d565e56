import type { StoreFactory, SuiteOptions } from './factory.ts';
import type { TestRunner } from './runner.ts';
import { TestGroups } from './test-groups.ts';
import { SkippedError, Trial } from './trial.ts';

/** The name of the group of tests whose calls lose their first reply. */
const lostReplies = 'lost reply, sent again';

/** The tests of a store. Each test receives a store of its own. */
export class Suite<S extends object> extends TestGroups<Trial<S>> {
  readonly options: SuiteOptions;
  readonly #factory: StoreFactory<S>;
  readonly #sentTwice: boolean;

  constructor(
    test: TestRunner,
    factory: StoreFactory<S>,
    options: SuiteOptions,
    within?: { readonly groups: Suite<S>; readonly name: string },
  ) {
    super(test, options, within);
    this.#factory = factory;
    this.options = options;
    this.#sentTwice = within !== undefined;
  }

  /**
   * Registers groups again, inside one outer group. In their tests each call loses its first reply and
   * is sent again.
   */
  sendTwice(register: (suite: Suite<S>) => void): void {
    this.runner.describe(lostReplies, () =>
      register(
        new Suite(this.runner, this.#factory, this.options, { groups: this, name: lostReplies }),
      ),
    );
  }

  protected override async run(
    context: unknown,
    body: (trial: Trial<S>) => Promise<void>,
  ): Promise<void> {
    const provided = await this.#factory();
    try {
      const second = await (provided.secondNode?.() ?? provided.store);
      const trial = new Trial(
        this.runner,
        context,
        provided,
        second,
        this.options,
        this.#sentTwice,
      );
      await body(trial);
    } catch (error) {
      if (!(error instanceof SkippedError)) throw error;
    } finally {
      await provided.close?.();
    }
  }
}
