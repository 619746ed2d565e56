import { registerApiKeys } from './api-key-store.ts';
import { registerBlocklist } from './blocklist-store.ts';
import type { StoreFactory, SuiteOptions } from './factory.ts';
import { registerLeases } from './lease-store.ts';
import { registerRateLimits } from './rate-limit-store.ts';
import type { TestRunner } from './runner.ts';
import { registerSessions } from './session-store.ts';
import { registerSingleUse } from './single-use-store.ts';
import { Suite } from './suite.ts';

/**
 * The contracts of all the parts of a `Store`, registered with the runner. An
 * adapter that leaves parts out calls the suites of those that it has.
 */
export const testStore = (
  test: TestRunner,
  factory: StoreFactory,
  options: SuiteOptions = {},
): void => {
  const suite = new Suite(test, factory, options);
  registerSessions(suite);
  registerBlocklist(suite);
  registerSingleUse(suite);
  registerApiKeys(suite);
  registerLeases(suite);
  registerRateLimits(suite);
  suite.finish();
};
