import type { TestClock } from '../../harness/clock.ts';
import type { GroupOptions } from '../../harness/test-groups.ts';
import type { HttpStore } from './failing-store.ts';

/** A store for one test. It may hold what earlier tests left. */
export interface BindingStore {
  readonly store: HttpStore;
  /** The store's clock, if it can be injected; without it, tests wait for short lifetimes to end. */
  readonly clock?: TestClock;
  /** Closes what this test has opened. */
  readonly close?: () => void | Promise<void>;
}

export interface BindingSuiteOptions extends GroupOptions {
  /** Any store of Pawl's: asked before each service that a test starts. */
  readonly store: () => BindingStore | Promise<BindingStore>;
  /** How many requests with random headers are sent. Default: 300. */
  readonly runs?: number;
  /** The seed of those requests, to repeat a failure. Default: another one each time. */
  readonly seed?: number;
}
