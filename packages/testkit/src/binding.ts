import { registerCanary } from './binding/credentials/canary.ts';
import { registerClientAddresses } from './binding/credentials/client-addresses.ts';
import { registerCookies } from './binding/credentials/cookies.ts';
import { registerCredentials } from './binding/credentials/credentials.ts';
import { registerCsrf } from './binding/credentials/csrf.ts';
import { registerGuardCallbacks } from './binding/credentials/guard-callbacks.ts';
import { registerGuards } from './binding/credentials/guards.ts';
import { registerOptionalGuards } from './binding/credentials/optional-guards.ts';
import { registerRandomHeaders } from './binding/credentials/random-headers.ts';
import { registerRawBytes } from './binding/credentials/raw-bytes.ts';
import { registerUpgrades } from './binding/credentials/upgrades.ts';
import { BindingSuite } from './binding/harness/binding-suite.ts';
import type { Mount } from './binding/harness/mount.ts';
import type { BindingSuiteOptions } from './binding/harness/options.ts';
import { registerFailures } from './binding/session/failures.ts';
import { registerLogin } from './binding/session/login.ts';
import { registerLogout } from './binding/session/logout.ts';
import { registerOpenApi } from './binding/session/openapi.ts';
import { registerOutages } from './binding/session/outages.ts';
import { registerPrefixes } from './binding/session/prefixes.ts';
import { registerRateLimits } from './binding/session/rate-limits.ts';
import { registerSessionRoutes } from './binding/session/session-routes.ts';
import { registerCaching } from './binding/session-cookie/caching.ts';
import { registerFirstEdition } from './binding/session-cookie/first-edition.ts';
import { registerCookieRotation } from './binding/session-cookie/rotation.ts';
import { registerSessionCookie } from './binding/session-cookie/session-cookie.ts';
import { registerUnusualCookies } from './binding/session-cookie/unusual-cookies.ts';
import { registerAccessTokens } from './binding/tokens/access-tokens.ts';
import { registerBlocklists } from './binding/tokens/blocklists.ts';
import { registerJwts } from './binding/tokens/jwts.ts';
import { registerOAuth } from './binding/tokens/oauth.ts';
import { registerRefresh } from './binding/tokens/refresh.ts';
import { registerRefreshRaces } from './binding/tokens/refresh-races.ts';
import { registerTokenKinds } from './binding/tokens/token-kinds.ts';
import type { TestRunner } from './harness/runner.ts';

export type {
  Mount,
  Mounted,
  MountSettings,
  Query,
  SuiteAuth,
  SuiteClaims,
  SuiteData,
} from './binding/harness/mount.ts';
export type { BindingStore, BindingSuiteOptions } from './binding/harness/options.ts';
export { type ReadmeExample, testReadmeExample } from './binding/harness/readme-example.ts';

/**
 * Registers the contract of a binding with the test runner. The tests send requests over sockets to the
 * application that `mount` builds; {@link Mount} lists its routes.
 *
 * @param test the functions of the runner
 * @param mount builds and starts the application
 * @example
 * testBinding({ describe, it, expect }, mount, {
 *   store: () => {
 *     const clock = createTestClock();
 *     return { store: createMemoryStore({ clock: clock.now }), clock };
 *   },
 * });
 */
export const testBinding = (test: TestRunner, mount: Mount, options: BindingSuiteOptions): void => {
  const suite = new BindingSuite(test, mount, options);
  registerCredentials(suite);
  registerTokenKinds(suite);
  registerJwts(suite);
  registerGuards(suite);
  registerOptionalGuards(suite);
  registerGuardCallbacks(suite);
  registerCsrf(suite);
  registerCookies(suite);
  registerSessionCookie(suite);
  registerCookieRotation(suite);
  registerUnusualCookies(suite);
  registerFirstEdition(suite);
  registerCaching(suite);
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
