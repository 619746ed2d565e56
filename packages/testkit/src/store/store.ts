import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import { registerApiKeys } from './api-keys.ts';
import { registerBlocklist } from './blocklist.ts';
import { registerLeases } from './leases.ts';
import { registerRateLimits } from './rate-limits.ts';
import { registerSessions } from './sessions.ts';
import { registerSingleUse } from './single-use.ts';

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
