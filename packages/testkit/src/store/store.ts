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
 * Registers the contracts of all parts of a `Store` with the test runner. An adapter without some parts
 * calls the functions of the parts that it has, for example `testSessionStore`.
 *
 * @param test the functions of the runner
 * @param factory returns a new store for each test
 * @example
 * testStore({ describe, it, expect }, () => {
 *   const clock = createTestClock();
 *   return { store: createMyStore({ clock: clock.now }), clock };
 * });
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
