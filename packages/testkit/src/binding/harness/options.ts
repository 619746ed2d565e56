import type { TestClock } from '../../harness/clock.ts';
import type { GroupOptions } from '../../harness/test-groups.ts';
import type { HttpStore } from './failing-store.ts';

/** A store for one test. It may hold data of earlier tests. */
export interface BindingStore {
  /** The parts that the HTTP layer uses. */
  readonly store: HttpStore;
  /** The clock of the store, if it can be injected. Without it, tests wait for short lifetimes to end. */
  readonly clock?: TestClock | undefined;
  /** Closes what this test has opened. */
  readonly close?: (() => void | Promise<void>) | undefined;
}

/** Options of `testBinding`. */
export interface BindingSuiteOptions extends GroupOptions {
  /** Returns a store, for example `createMemoryStore()`. Called for each service that a test starts. */
  readonly store: () => BindingStore | Promise<BindingStore>;
  /** Number of requests with random headers. Default: 300. */
  readonly runs?: number | undefined;
  /** Seed of those requests; set it to repeat a failure. Default: random. */
  readonly seed?: number | undefined;
}
