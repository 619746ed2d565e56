import type { Store } from '@pawl/core/store';
import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import { testActivity } from './session/activity.ts';
import { testCopies } from './session/copies.ts';
import { testCreation } from './session/creation.ts';
import { testExpiry } from './session/expiry.ts';
import { testFeed } from './session/feed.ts';
import { testIdentity } from './session/identity.ts';
import { testLimits } from './session/limits.ts';
import { testRaces } from './session/races.ts';
import { testRandomPrograms } from './session/random-programs.ts';
import { testReplay } from './session/replay.ts';
import { testRevocation } from './session/revocation.ts';
import { testRotation } from './session/rotation.ts';
import { testStorms } from './session/storms.ts';
import type { SessionSuite } from './session/trial.ts';

/** The whole contract of `SessionStore`, registered with the runner. */
export const testSessionStore = (
  test: TestRunner,
  factory: StoreFactory<Pick<Store, 'sessions'>>,
  options: SuiteOptions = {},
): void => {
  const suite = new Suite(test, factory, options);
  registerSessions(suite);
  suite.finish();
};

export const registerSessions = (suite: SessionSuite): void => {
  testCreation(suite);
  testLimits(suite);
  testRotation(suite);
  testReplay(suite);
  testActivity(suite);
  testExpiry(suite);
  testRevocation(suite);
  testIdentity(suite);
  testCopies(suite);
  testFeed(suite);
  testRandomPrograms(suite);
  testRaces(suite);
  testStorms(suite);
};
