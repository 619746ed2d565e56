export {
  dataWriteInput,
  defaultPolicy,
  elevationInput,
  generationRecord,
  newApiKey,
  newCallId,
  newId,
  newSession,
  newUserId,
  replayInput,
  revokeAllInput,
  revokeAllKeysInput,
  revokeInput,
  revokeKeyInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from './fixtures/builders.ts';
export { createTestClock, type TestClock } from './harness/clock.ts';
export type { StoreFactory, StoreOutage, StoreUnderTest, SuiteOptions } from './harness/factory.ts';
export type { NotApplicable, TestRunner } from './harness/runner.ts';
export { sendTwice } from './harness/send-twice.ts';
export { testApiKeyStore } from './store/api-keys.ts';
export { testBlocklistStore } from './store/blocklist.ts';
export { testLeaseStore } from './store/leases.ts';
export { testRateLimitStore } from './store/rate-limits.ts';
export { testSessionStore } from './store/sessions.ts';
export { testSingleUseStore } from './store/single-use.ts';
export { testStore } from './store/store.ts';
