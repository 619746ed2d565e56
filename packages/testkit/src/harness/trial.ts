import type { TestClock } from './clock.ts';
import { canonical, plain } from './compare.ts';
import type { StoreUnderTest, SuiteOptions } from './factory.ts';
import type { TestRunner } from './runner.ts';
import { sendTwice } from './send-twice.ts';

/** Thrown to leave a test that cannot be run here, after the runner was told. */
export class SkippedError extends Error {}

/** How far a server's rounding of its own clock may be from ours, in ms. */
const realMargin = 10;

/** One test at work: the store, its second node, time, and comparing. */
export class Trial<S extends object> {
  readonly store: S;
  /** Another node on the same data; the same one where the factory offers no other. */
  readonly second: S;
  readonly clock: TestClock | undefined;
  readonly options: SuiteOptions;
  /** In ms: a lifetime that ends within the test. */
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
   * Whether a sweep says how many it has removed: not where the server's clock is real (others may
   * share it), nor if the store forgets by itself, nor when the sweep has been sent twice.
   */
  get countsSweeps(): boolean {
    return this.clock !== undefined && !this.options.forgetsExpired && !this.sentTwice;
  }

  /** The store's time: exact with an injected clock, else that of the machine. */
  now(): number {
    return this.clock ? this.clock.now() : Date.now();
  }

  /** Lets at least `ms` pass on the store's clock; exactly that, where it is injected. */
  async wait(ms: number): Promise<void> {
    if (this.clock) await this.clock.advance(ms);
    else await sleep(ms + Math.min(ms + 1, realMargin));
  }

  /** With an injected clock, the last millisecond before `time`; else nothing: it is yet to come. */
  async waitUntilJustBefore(time: number): Promise<void> {
    if (this.clock) await this.clock.advance(time - 1 - this.clock.now());
  }

  /** With an injected clock, exactly `time`; else a little later. */
  async waitUntil(time: number): Promise<void> {
    const ms = time - this.now();
    if (this.clock) await this.clock.advance(ms);
    else await sleep(Math.max(0, ms) + realMargin);
  }

  /** Deep equality; bytes by value. */
  same(actual: unknown, expected: unknown, message?: string): void {
    if (canonical(actual) === canonical(expected)) return;
    this.#test.expect(plain(actual), message).toEqual(plain(expected));
    // In case `toEqual` is laxer than the text.
    this.#test.expect(canonical(actual), message).toBe(canonical(expected));
  }

  /** Waits, for what a store may do in the background. */
  async eventually(holds: () => boolean | Promise<boolean>, message: string): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!(await holds())) {
      if (Date.now() > deadline) this.same(false, true, `not within 5 s: ${message}`);
      await sleep(5);
    }
  }

  /** That a call is refused with an error, whichever. */
  async rejects(call: () => Promise<unknown>, message: string): Promise<void> {
    const refused = await call().then(
      () => false,
      () => true,
    );
    this.same(refused, true, message);
  }

  /** For tests of a clock that steps back, which no real one can be made to do. */
  requireClock(): TestClock {
    return this.clock ?? this.skip('needs an injected clock');
  }

  /** Leaves the test, and has the runner show why. */
  skip(reason: string): never {
    const context = this.#context as { skip?: (reason: string) => void } | undefined;
    if (!context?.skip) {
      throw new Error(`cannot run here (${reason}): name this test in the option "skips"`);
    }
    context.skip(reason);
    throw new SkippedError(reason);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
