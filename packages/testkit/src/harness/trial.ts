import { isPawlError } from '@pawl/core';
import { type CallSite, callSite, failAt } from './call-site.ts';
import type { TestClock } from './clock.ts';
import { canonicalText, toPlain } from './compare.ts';
import type { StoreOutage, StoreUnderTest, SuiteOptions } from './factory.ts';
import type { TestRunner } from './runner.ts';
import { sendTwice } from './send-twice.ts';
import { watchCalls } from './watch-calls.ts';

/** Thrown to leave a test that the runner was asked to skip. */
export class SkippedError extends Error {}

/** In ms: by how much the clock of a server may differ from the one of this process. */
const realMargin = 10;

/** In ms: how long to wait for what a store does in the background. */
const patience = 15_000;

/** How a {@link Trial} is set up. */
export interface TrialSetup<S> {
  readonly provided: StoreUnderTest<S>;
  readonly second: S;
  readonly options: SuiteOptions;
  /** Whether each call loses its first reply and is sent again. */
  readonly sentTwice: boolean;
  /** How much longer lifetimes on a real clock are than usual, on a slow machine. */
  readonly slowness: number;
}

/** What a test of a store receives: the store, a second node, the time and checks. */
export class Trial<S extends object> {
  readonly store: S;
  /** A second node on the same data, or the same node if the factory has no other. */
  readonly second: S;
  readonly clock: TestClock | undefined;
  readonly options: SuiteOptions;
  /** Whether each call loses its first reply and is sent again: {@link sendTwice}. */
  readonly sentTwice: boolean;
  readonly #test: TestRunner;
  readonly #context: unknown;
  readonly #outage: StoreUnderTest<S>['outage'];
  readonly #shortLifetime: number;
  readonly #start: number = Date.now();
  /** In ms: the time that the test meant to wait. */
  #waited = 0;
  #isTimed = false;
  #lastVerb = '';

  constructor(test: TestRunner, context: unknown, setup: TrialSetup<S>) {
    const { provided, second, options, sentTwice, slowness } = setup;
    const watch = (store: S): S =>
      watchCalls(sentTwice ? sendTwice(store) : store, (verb) => {
        this.#lastVerb = verb;
      });
    this.store = watch(provided.store);
    this.second = watch(second);
    this.sentTwice = sentTwice;
    this.clock = provided.clock;
    this.options = options;
    this.#outage = provided.outage;
    this.#shortLifetime = provided.clock ? 90_000 : (options.shortLifetime ?? 300) * slowness;
    this.#test = test;
    this.#context = context;
  }

  /** In ms: a lifetime that ends during the test. */
  get shortLifetime(): number {
    this.#isTimed = true;
    return this.#shortLifetime;
  }

  /**
   * Whether the test is about a lifetime on a real clock and has taken so much longer than it meant to
   * wait that the lifetime may have ended too early. Then a failure says nothing about the store.
   */
  get wasTooSlow(): boolean {
    if (this.clock || !this.#isTimed) return false;
    return Date.now() - this.#start - this.#waited > this.#shortLifetime / 4;
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
    else await this.#sleep(ms + Math.min(ms + 1, realMargin));
  }

  /** Moves an injected clock to the millisecond before `time`; does nothing on a real clock. */
  async waitUntilJustBefore(time: number): Promise<void> {
    if (this.clock) await this.clock.advance(time - 1 - this.clock.now());
  }

  /** Moves an injected clock to exactly `time`; on a real clock waits until a little later. */
  async waitUntil(time: number): Promise<void> {
    const ms = time - this.now();
    if (this.clock) await this.clock.advance(ms);
    else await this.#sleep(Math.max(0, ms) + realMargin);
  }

  /** Checks deep equality; compares bytes by value. */
  same(actual: unknown, expected: unknown, message?: string): void {
    if (canonicalText(actual) === canonicalText(expected)) return;
    this.#fail(callSite(this, 'same'), actual, expected, message);
  }

  /** Checks that a time on the store's clock lies between two others. */
  between(time: unknown, begin: number, end: number, message: string): void {
    const margin = this.clock ? 0 : realMargin;
    if (typeof time === 'number' && time >= begin - margin && time <= end + margin) return;
    this.#fail(callSite(this, 'between'), time, `from ${begin} to ${end}`, message);
  }

  /** Waits until a condition holds, which a store may fulfil in the background. */
  async eventually(holds: () => boolean | Promise<boolean>, message: string): Promise<void> {
    const site = callSite(this, 'eventually');
    const deadline = Date.now() + patience;
    while (!(await holds())) {
      if (Date.now() > deadline) this.#fail(site, false, true, `not true in time: ${message}`);
      await sleep(5);
    }
  }

  /** Checks that a call rejects with an error of Pawl that has this code. */
  async throws(call: () => Promise<unknown>, code: string, message: string): Promise<void> {
    const site = callSite(this, 'throws');
    const outcome = await outcomeOf(call);
    if (outcome !== code) this.#fail(site, outcome, code, message);
  }

  /** Returns the store whose database the suite can make unreachable, or skips the test. */
  async openOutage(): Promise<StoreOutage<S>> {
    const outage = await this.#outage?.();
    return outage ?? this.skip('the factory has no "outage": failures are not tested');
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

  async #sleep(ms: number): Promise<void> {
    this.#waited += ms;
    await sleep(ms);
  }

  /** Fails with the runner's own message, at the line of the test. */
  #fail(site: CallSite, actual: unknown, expected: unknown, message: string = ''): never {
    const verb = this.#lastVerb === '' ? '' : `after ${this.#lastVerb}`;
    const text = [message, verb].filter((part) => part !== '').join(', ');
    try {
      // Without a message: Jest's `expect` has only one parameter.
      this.#test.expect(toPlain(actual)).toEqual(toPlain(expected));
      // `toEqual` may be less strict than the text.
      this.#test.expect(canonicalText(actual)).toBe(canonicalText(expected));
    } catch (failure) {
      throw failAt(site, failure, text);
    }
    throw failAt(site, new Error('the values differ'), text);
  }
}

/** Returns the code of the error of Pawl that a call throws, or what it did instead. */
export const outcomeOf = async (call: () => Promise<unknown>): Promise<string> => {
  try {
    return `returned ${canonicalText(await call())}`;
  } catch (error) {
    return isPawlError(error) ? error.code : `threw ${String(error)}, which is no error of Pawl`;
  }
};

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
