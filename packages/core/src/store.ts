export {
  type ApiKeyRecord,
  type ApiKeyStore,
  isSameKey,
  type NewApiKey,
  type RevokeAllApiKeysInput,
  type RevokeApiKeyInput,
} from './store/api-key-store.ts';
export { applyRotation, withNextGeneration } from './store/apply-rotation.ts';
export type {
  BlocklistChecker,
  BlocklistRevoker,
  BlocklistStore,
  TokenOrigin,
} from './store/blocklist-store.ts';
export { callIdLength, isSameCall, newCallId } from './store/call-id.ts';
export type { Cleanable } from './store/cleanable.ts';
export { assertId } from './store/id.ts';
export type { Lease, LeaseStore } from './store/lease-store.ts';
export {
  applyRateLimit,
  type RateLimitDecision,
  validateRateLimit,
} from './store/rate-limit.ts';
export type { RateLimitStore } from './store/rate-limit-store.ts';
export {
  applyDataWrite,
  applyElevation,
  applyTouch,
  type DecidedWrite,
  dataCallCount,
  isSameCreation,
  newRecord,
} from './store/record-changes.ts';
export {
  type DecidedRotation,
  decideRotation,
  type RotationDecision,
  type RotationInput,
  type RotationKind,
  type RotationOutcome,
  ringHashBytes,
  ringLength,
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
  maxSessionPage,
  type RevocationListener,
  type RevokeAllInput,
  type RevokeAllOutcome,
  type RevokeInput,
  type SessionList,
  type SessionPage,
  type SessionSelection,
  type SessionStore,
  type WriteOutcome,
} from './store/session-store.ts';
export type { SingleUseStore } from './store/single-use-store.ts';
export type { Store } from './store/store.ts';
export { shardOf } from './token/session-id.ts';
export type { TransactionalStore } from './transaction/transactional-store.ts';
