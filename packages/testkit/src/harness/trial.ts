import type { TestClock } from './clock.ts';
import { canonicalText, toPlain } from './compare.ts';
import type { StoreUnderTest, SuiteOptions } from './factory.ts';
import type { TestRunner } from './runner.ts';
import { sendTwice } from './send-twice.ts';

/** Thrown to leave a test that the runner was asked to skip. */
export class SkippedError extends Error {}

/** In ms: by how much the clock of a server may differ from the one of this process. */
const realMargin = 10;

/** What a test of a store receives: the store, a second node, the time and checks. */
export class Trial<S extends object> {
  readonly store: S;
  /** A second node on the same data, or the same node if the factory has no other. */
  readonly second: S;
  readonly clock: TestClock | undefined;
  readonly options: SuiteOptions;
  /** In ms: a lifetime that ends during the test. */
  readonly shortLifetime: number;
  /** Whether each call loses its first reply and is sent again: {@link sendTwice}. */
  readonly sentTwice: boolean;
  readonly #test: TestRunner;
  readonly #context: unknown;

  constructor(
    test: TestRunner,
    context: unknown,
    provided: StoreUnderTest<S>,
    second: S,
    options: SuiteOptions,
    sentTwice: boolean = false,
  ) {
    this.store = sentTwice ? sendTwice(provided.store) : provided.store;
    this.second = sentTwice ? sendTwice(second) : second;
    this.sentTwice = sentTwice;
    this.clock = provided.clock;
    this.options = options;
    this.shortLifetime = provided.clock ? 90_000 : (options.shortLifetime ?? 300);
    this.#test = test;
    this.#context = context;
  }

  /**
   * Whether the number that `deleteExpired` returns is known: not on a real clock (other tests may share
   * the server), not if the store deletes expired records by itself, and not if the call is sent twice.
   */
  get countsSweeps(): boolean {
    return this.clock !== undefined && !this.options.forgetsExpired && !this.sentTwice;
  }

  /** Returns the time of the injected clock, or of this machine. */
  now(): number {
    return this.clock ? this.clock.now() : Date.now();
  }

  /** Moves an injected clock by exactly `ms`; on a real clock waits at least `ms`. */
  async wait(ms: number): Promise<void> {
    if (this.clock) await this.clock.advance(ms);
    else await sleep(ms + Math.min(ms + 1, realMargin));
  }

  /** Moves an injected clock to the millisecond before `time`; does nothing on a real clock. */
  async waitUntilJustBefore(time: number): Promise<void> {
    if (this.clock) await this.clock.advance(time - 1 - this.clock.now());
  }

  /** Moves an injected clock to exactly `time`; on a real clock waits until a little later. */
  async waitUntil(time: number): Promise<void> {
    const ms = time - this.now();
    if (this.clock) await this.clock.advance(ms);
    else await sleep(Math.max(0, ms) + realMargin);
  }

  /** Checks deep equality; compares bytes by value. */
  same(actual: unknown, expected: unknown, message?: string): void {
    if (canonicalText(actual) === canonicalText(expected)) return;
    this.#test.expect(toPlain(actual), message).toEqual(toPlain(expected));
    // `toEqual` may be less strict than the text.
    this.#test.expect(canonicalText(actual), message).toBe(canonicalText(expected));
  }

  /** Waits up to 5 s until a condition holds, which a store may fulfil in the background. */
  async eventually(holds: () => boolean | Promise<boolean>, message: string): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!(await holds())) {
      if (Date.now() > deadline) this.same(false, true, `not true within 5 s: ${message}`);
      await sleep(5);
    }
  }

  /** Checks that a call rejects, with any error. */
  async rejects(call: () => Promise<unknown>, message: string): Promise<void> {
    const rejected = await call().then(
      () => false,
      () => true,
    );
    this.same(rejected, true, message);
  }

  /** Returns the injected clock, or skips the test. Only an injected clock can step back. */
  requireClock(): TestClock {
    return this.clock ?? this.skip('needs an injected clock');
  }

  /** Leaves the test, and asks the runner to skip it with a reason. */
  skip(reason: string): never {
    const context = this.#context as { skip?: (reason: string) => void } | undefined;
    if (!context?.skip) {
      throw new Error(`this test cannot run (${reason}): list it in the option "skips"`);
    }
    context.skip(reason);
    throw new SkippedError(reason);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
