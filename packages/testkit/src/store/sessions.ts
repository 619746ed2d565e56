import type { Store } from '@pawl/core/store';
import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import { registerActivity } from './session/activity.ts';
import { registerCopies } from './session/copies.ts';
import { registerCreation } from './session/creation.ts';
import { registerCrowds } from './session/crowds.ts';
import { registerExpiry } from './session/expiry.ts';
import { registerFeedListeners } from './session/feed/listeners.ts';
import { registerFeed } from './session/feed/revocations.ts';
import { registerIdentity } from './session/identity.ts';
import { registerLateReplays } from './session/late-replays.ts';
import { registerLife } from './session/life.ts';
import { registerLimits } from './session/limits.ts';
import { registerSessionOutage } from './session/outage.ts';
import { registerPages } from './session/pages.ts';
import { registerRaces } from './session/races.ts';
import { registerRandomPrograms } from './session/random-programs.ts';
import { registerRegression } from './session/regression.ts';
import { registerReplay } from './session/replay.ts';
import { registerRevocation } from './session/revocation.ts';
import { registerRotation } from './session/rotation.ts';
import { registerRotationsSentAgain } from './session/sent-again/rotations.ts';
import { registerStormsSentAgain } from './session/sent-again/storms.ts';
import { registerWritesSentAgain } from './session/sent-again/writes.ts';
import { registerStepUp } from './session/step-up.ts';
import { registerStorms } from './session/storms.ts';
import type { SessionSuite } from './session/trial.ts';

/**
 * Registers the contract of `SessionStore` with the test runner.
 *
 * @param test the functions of the runner
 * @param factory returns a new store for each test
 * @example
 * testSessionStore({ describe, it, expect }, () => {
 *   const clock = createTestClock();
 *   return { store: createMyStore({ clock: clock.now }), clock };
 * });
 */
export const testSessionStore = (
  test: TestRunner,
  factory: StoreFactory<Pick<Store, 'sessions'>>,
  options: SuiteOptions = {},
): void => {
  const suite = new Suite(test, factory, options);
  registerSessions(suite);
  suite.finish();
};

/** Registers the tests of `SessionStore` with a suite. */
export const registerSessions = (suite: SessionSuite): void => {
  registerDeterministic(suite);
  suite.sendTwice(registerDeterministic);
  registerWritesSentAgain(suite);
  registerRotationsSentAgain(suite);
  registerCrowds(suite);
  registerLife(suite);
  registerRandomPrograms(suite);
  registerRaces(suite);
  registerStorms(suite);
  registerStormsSentAgain(suite);
  registerSessionOutage(suite);
};

/** Registers the groups that predict every result. They run again with each call sent twice. */
const registerDeterministic = (suite: SessionSuite): void => {
  registerCreation(suite);
  registerPages(suite);
  registerLimits(suite);
  registerRotation(suite);
  registerReplay(suite);
  registerLateReplays(suite);
  registerStepUp(suite);
  registerRegression(suite);
  registerActivity(suite);
  registerExpiry(suite);
  registerRevocation(suite);
  registerIdentity(suite);
  registerCopies(suite);
  registerFeed(suite);
  registerFeedListeners(suite);
};
