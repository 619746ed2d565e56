export type { ApiKeyRecord, ApiKeyStore, NewApiKey } from './store/api-key-store.ts';
export type {
  BlocklistChecker,
  BlocklistRevoker,
  BlocklistStore,
} from './store/blocklist-store.ts';
export type { Cleanable } from './store/cleanable.ts';
export type { Lease, LeaseStore } from './store/lease-store.ts';
export {
  applyRateLimit,
  type RateLimitDecision,
  validateRateLimit,
} from './store/rate-limit.ts';
export type { RateLimitStore } from './store/rate-limit-store.ts';
export { applyElevation, applyTouch, newRecord } from './store/record-changes.ts';
export {
  applyRotation,
  decideRotation,
  type RotationDecision,
  type RotationInput,
  type RotationOutcome,
  ringHashBytes,
  ringLength,
  withNextGeneration,
} from './store/rotation.ts';
export {
  endOf,
  expiryOf,
  type GenerationRecord,
  type NewSession,
  type SessionRecord,
} from './store/session-record.ts';
export {
  type Activity,
  type CreateOutcome,
  type DataWriteInput,
  type ElevationInput,
  type FoundSession,
  isTouchDue,
  type RevocationListener,
  type RevokeAllOutcome,
  type SessionList,
  type SessionSelection,
  type SessionStore,
  type WriteOutcome,
} from './store/session-store.ts';
export type { SingleUseStore } from './store/single-use-store.ts';
export type { Store } from './store/store.ts';
export { shardOf } from './token/session-id.ts';
