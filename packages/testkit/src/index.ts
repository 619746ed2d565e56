export { testApiKeyStore } from './api-key-store.ts';
export { testBlocklistStore } from './blocklist-store.ts';
export {
  bytes,
  dataWrite,
  defaultPolicy,
  elevation,
  newApiKey,
  newId,
  newSession,
  newUserId,
  rotation,
  strictPolicy,
  successor,
} from './builders.ts';
export { createTestClock, type TestClock } from './clock.ts';
export type { StoreFactory, StoreUnderTest, SuiteOptions } from './factory.ts';
export { testLeaseStore } from './lease-store.ts';
export { testRateLimitStore } from './rate-limit-store.ts';
export type { Skip, TestRunner } from './runner.ts';
export { testSessionStore } from './session-store.ts';
export { testSingleUseStore } from './single-use-store.ts';
export { testStore } from './store.ts';
