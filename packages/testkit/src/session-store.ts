import type { Store } from '@pawl/core';
import type { StoreFactory, SuiteOptions } from './factory.ts';
import type { TestRunner } from './runner.ts';
import { testRandomPrograms } from './session-random.ts';
import { testReplay } from './session-replay.ts';
import { testRotation } from './session-rotation.ts';
import type { SessionSuite } from './session-trial.ts';
import { Suite } from './suite.ts';

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
  testRotation(suite);
  testReplay(suite);
  testRandomPrograms(suite);
};
