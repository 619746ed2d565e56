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
import { testLateReplays } from './session/late-replays.ts';
import { testLife } from './session/life.ts';
import { testLimits } from './session/limits.ts';
import { testRaces } from './session/races.ts';
import { testRandomPrograms } from './session/random-programs.ts';
import { testRegression } from './session/regression.ts';
import { testReplay } from './session/replay.ts';
import { testRevocation } from './session/revocation.ts';
import { testRotation } from './session/rotation.ts';
import { testRotationsSentAgain } from './session/sent-again/rotations.ts';
import { testResentStorms } from './session/sent-again/storms.ts';
import { testWritesSentAgain } from './session/sent-again/writes.ts';
import { testStepUp } from './session/step-up.ts';
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
  registerDeterministic(suite);
  suite.sendTwice(registerDeterministic);
  testWritesSentAgain(suite);
  testRotationsSentAgain(suite);
  testLife(suite);
  testRandomPrograms(suite);
  testRaces(suite);
  testStorms(suite);
  testResentStorms(suite);
};

/** The groups that foretell every reply: they run once more with each call sent twice. */
const registerDeterministic = (suite: SessionSuite): void => {
  testCreation(suite);
  testLimits(suite);
  testRotation(suite);
  testReplay(suite);
  testLateReplays(suite);
  testStepUp(suite);
  testRegression(suite);
  testActivity(suite);
  testExpiry(suite);
  testRevocation(suite);
  testIdentity(suite);
  testCopies(suite);
  testFeed(suite);
};
