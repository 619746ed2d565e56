import type { TestRunner } from '../runner.ts';
import { registerAccessTokens } from './access-tokens.ts';
import { BindingSuite } from './binding-suite.ts';
import { registerBlocklists } from './blocklists.ts';
import { registerCanary } from './canary.ts';
import { registerClientAddresses } from './client-addresses.ts';
import { registerCookies } from './cookies.ts';
import { registerCredentials } from './credentials.ts';
import { registerCsrf } from './csrf.ts';
import { registerFailures } from './failures.ts';
import { registerGuards } from './guards.ts';
import { registerJwts } from './jwts.ts';
import { registerLogin } from './login.ts';
import { registerLogout } from './logout.ts';
import type { Mount } from './mount.ts';
import { registerOAuth } from './oauth.ts';
import { registerOpenApi } from './openapi.ts';
import { registerOptionalGuards } from './optional-guards.ts';
import type { BindingSuiteOptions } from './options.ts';
import { registerOutages } from './outages.ts';
import { registerPrefixes } from './prefixes.ts';
import { registerRandomHeaders } from './random-headers.ts';
import { registerRateLimits } from './rate-limits.ts';
import { registerRawBytes } from './raw-bytes.ts';
import { registerRefresh } from './refresh.ts';
import { registerRefreshRaces } from './refresh-races.ts';
import { registerSessionRoutes } from './session-routes.ts';
import { registerTokenKinds } from './token-kinds.ts';
import { registerUpgrades } from './upgrades.ts';

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
export { type ReadmeExample, testReadmeExample } from './readme-example.ts';

/**
 * The contract of a binding, registered with the runner: what HTTP means is the
 * same in every framework. `mount` builds the application that is described at
 * {@link Mount}; everything is then asked over real sockets.
 */
export const testBinding = (test: TestRunner, mount: Mount, options: BindingSuiteOptions): void => {
  const suite = new BindingSuite(test, mount, options);
  registerCredentials(suite);
  registerTokenKinds(suite);
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
  registerOutages(suite);
  registerFailures(suite);
  registerPrefixes(suite);
  registerBlocklists(suite);
  registerAccessTokens(suite);
  registerClientAddresses(suite);
  registerRateLimits(suite);
  registerCanary(suite);
  registerRandomHeaders(suite);
  registerRawBytes(suite);
  registerOpenApi(suite);
  registerUpgrades(suite);
  registerOAuth(suite);
  suite.finish();
};
