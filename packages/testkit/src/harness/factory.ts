import type { Store } from '@pawl/core/store';
import type { TestClock } from './clock.ts';
import type { NotApplicable } from './runner.ts';

/** The store of one test. */
export interface StoreUnderTest<S = Store> {
  /**
   * The store. It may hold data of earlier tests: the suites always use new ids. With an injected clock
   * no other test may use the same data at the same time, because `deleteExpired` would delete it.
   */
  readonly store: S;
  /**
   * The clock of the store, if it can be injected. Boundaries are then tested to the millisecond. Without
   * it the store's clock must be that of this machine, and the suites wait for short periods.
   */
  readonly clock?: TestClock | undefined;
  /**
   * Returns another node on the same data, with its own client and connection. Races run on both nodes.
   * Without it they run on one store, which proves less.
   */
  readonly secondNode?: (() => S | Promise<S>) | undefined;
  /**
   * Opens the store that the suite makes fail: every verb must throw `StoreUnavailableError` then, and
   * work again afterwards. Without it the tests of outages are skipped, with that reason.
   */
  readonly outage?: (() => StoreOutage<S> | Promise<StoreOutage<S>>) | undefined;
  /** Closes what this test has opened, including the second node. */
  readonly close?: (() => void | Promise<void>) | undefined;
}

/**
 * A store whose database can become unreachable. It may be the store under test, or another one of the
 * same adapter, with a server or connections of its own if tests share them.
 *
 * @example
 * outage: () => ({ store, begin: () => server.stop(), end: () => server.start() }),
 */
export interface StoreOutage<S = Store> {
  readonly store: S;
  /** Makes the database unreachable: stops it, refuses its connections or locks it. */
  readonly begin: () => void | Promise<void>;
  /** Makes it reachable again, with the same data. The suite waits until the store has reconnected. */
  readonly end: () => void | Promise<void>;
  /** Closes what `outage` has opened. */
  readonly close?: (() => void | Promise<void>) | undefined;
}

/** Returns the store of one test. Called before each test. */
export type StoreFactory<S = Store> = () => StoreUnderTest<S> | Promise<StoreUnderTest<S>>;

/** Options of `testStore` and of the functions for single parts. */
export interface SuiteOptions {
  /**
   * Tests that do not apply to the store. The runner shows them as skipped with their reasons. An entry
   * that matches no test is an error. Default: none.
   */
  readonly skips?: readonly NotApplicable[] | undefined;
  /**
   * Whether the store deletes expired records by itself. It may then return `missing` where other stores
   * return `expired`. Default: false.
   */
  readonly forgetsExpired?: boolean | undefined;
  /** Number of random programs of each property test. Default: 100. */
  readonly runs?: number | undefined;
  /** Seed of the property tests; set it to repeat a failure. Default: random. */
  readonly seed?: number | undefined;
  /** Number of runs of each race of two calls. Default: 4. */
  readonly rounds?: number | undefined;
  /**
   * In ms: a lifetime that tests on a real clock wait for. A test that fails because the machine is slow
   * is repeated with a longer one. Default: 300.
   */
  readonly shortLifetime?: number | undefined;
  /** In ms: time limit of each test. Default: 30,000. */
  readonly timeout?: number | undefined;
}
