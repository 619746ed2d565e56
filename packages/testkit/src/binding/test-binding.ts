import type { TestRunner } from '../runner.ts';
import { BindingSuite } from './binding-suite.ts';
import { registerCookies } from './cookies.ts';
import { registerCredentials } from './credentials.ts';
import { registerCsrf } from './csrf.ts';
import { registerGuards } from './guards.ts';
import { registerJwts } from './jwts.ts';
import { registerLogin } from './login.ts';
import { registerLogout } from './logout.ts';
import type { Mount } from './mount.ts';
import { registerOptionalGuards } from './optional-guards.ts';
import type { BindingSuiteOptions } from './options.ts';
import { registerRefresh } from './refresh.ts';
import { registerRefreshRaces } from './refresh-races.ts';
import { registerSessionRoutes } from './session-routes.ts';

export type {
  Mount,
  Mounted,
  MountSetting,
  Query,
  SuiteAuth,
  SuiteClaims,
  SuiteData,
} from './mount.ts';
export type { BindingStore, BindingSuiteOptions } from './options.ts';

/**
 * The contract of a binding, registered with the runner: what HTTP means is the
 * same in every framework. `mount` builds the application that is described at
 * {@link Mount}; everything is then asked over real sockets.
 */
export const testBinding = (test: TestRunner, mount: Mount, options: BindingSuiteOptions): void => {
  const suite = new BindingSuite(test, mount, options);
  registerCredentials(suite);
  registerJwts(suite);
  registerGuards(suite);
  registerOptionalGuards(suite);
  registerCsrf(suite);
  registerCookies(suite);
  registerLogin(suite);
  registerRefresh(suite);
  registerRefreshRaces(suite);
  registerLogout(suite);
  registerSessionRoutes(suite);
  suite.finish();
};
