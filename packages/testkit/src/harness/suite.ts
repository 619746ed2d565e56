import type { StoreFactory, SuiteOptions } from './factory.ts';
import type { TestRunner } from './runner.ts';
import { TestGroups } from './test-groups.ts';
import { SkippedError, Trial } from './trial.ts';

/** The name of the group of tests whose calls lose their first reply. */
const lostReplies = 'lost reply, sent again';

/** In ms: one hundred days. */
const longestAdvance = 8_640_000_000;

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

  /** A test that was too slow for the lifetimes in it is repeated with longer ones. */
  protected override async run(
    context: unknown,
    body: (trial: Trial<S>) => Promise<void>,
  ): Promise<void> {
    for (let slowness = 1; ; slowness *= 2) {
      const failure = await this.#runOnce(context, body, slowness);
      if (!failure) return;
      if (!failure.wasTooSlow || slowness >= 16) throw failure.error;
    }
  }

  async #runOnce(
    context: unknown,
    body: (trial: Trial<S>) => Promise<void>,
    slowness: number,
  ): Promise<{ error: unknown; wasTooSlow: boolean } | null> {
    const provided = await this.#factory();
    let trial: Trial<S> | undefined;
    try {
      // What earlier tests have left in the same database expires at other times.
      await provided.clock?.advance(Math.floor(Math.random() * longestAdvance));
      const second = await (provided.secondNode?.() ?? provided.store);
      const { options } = this;
      const setup = { provided, second, options, sentTwice: this.#sentTwice, slowness };
      trial = new Trial(this.runner, context, setup);
      await body(trial);
    } catch (error) {
      if (!(error instanceof SkippedError)) {
        return { error, wasTooSlow: trial?.wasTooSlow ?? false };
      }
    } finally {
      await provided.close?.();
    }
    return null;
  }
}
