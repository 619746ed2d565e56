import type { Store } from '@pawl/core/store';
import type { TestClock } from './clock.ts';
import type { NotApplicable } from './runner.ts';

/** What the suites run on: asked for before each test, closed after it. */
export interface StoreUnderTest<S = Store> {
  /** May hold what earlier tests left: the suites use fresh ids everywhere. */
  readonly store: S;
  /**
   * The store's clock, if it can be injected: boundaries are then tested to the
   * millisecond. Without it the store's clock must be this machine's, and the
   * suites wait for short real periods.
   */
  readonly clock?: TestClock;
  /**
   * Another node on the same data: its own client and connection. Races run on
   * both. Without it they run on one store, which proves less.
   */
  readonly secondNode?: () => S | Promise<S>;
  /** Closes what this test has opened, the second node included. */
  readonly close?: () => void | Promise<void>;
}

export type StoreFactory<S = Store> = () => StoreUnderTest<S> | Promise<StoreUnderTest<S>>;

export interface SuiteOptions {
  /** Shown with their reasons; one that names no test is an error. Default: none. */
  readonly skips?: readonly NotApplicable[];
  /**
   * Whether the store forgets sessions by itself as soon as they expire: where
   * others answer `expired`, it may answer that there is no such session.
   * Default: false.
   */
  readonly forgetsExpired?: boolean;
  /** How many random programs the property tests try. Default: 100. */
  readonly runs?: number;
  /** The seed of the property tests, to repeat a failure. Default: another one each time. */
  readonly seed?: number;
  /** How often each race is run. Default: 4. */
  readonly rounds?: number;
  /** In ms: a lifetime on a real clock, long enough for a few calls. Default: 300. */
  readonly shortLifetime?: number;
  /** In ms, per test. Default: 30,000. */
  readonly timeout?: number;
}
