export {
  type AccessTokenRequest,
  type AccessTokens,
  type AccessTokensOptions,
  createAccessTokens,
} from './access-token/access-tokens.ts';
export type {
  AccessGrant,
  AccessToken,
  AccessTokenCodec,
  AccessTokenContext,
  AccessTokenFormat,
} from './access-token/format.ts';
export { type JwtAccessTokenOptions, jwtAccessTokens } from './access-token/jwt.ts';
export { type OpaqueAccessTokenOptions, opaqueAccessTokens } from './access-token/opaque.ts';
export {
  type ApiKeyInfo,
  type ApiKeyRequest,
  type ApiKeys,
  type ApiKeysOptions,
  createApiKeys,
} from './api-key/api-keys.ts';
export { type Cleanable, type Cleanup, startCleanup } from './cleanup.ts';
export { type Clock, systemClock } from './clock.ts';
export type { CryptoProvider } from './crypto/provider.ts';
export {
  type AnyPawlError,
  ConfigurationError,
  InvalidInputError,
  isPawlError,
  PawlError,
  type PawlErrorCode,
  RefreshRefusedError,
  RefreshRetryError,
  ReuseDetectedError,
  SessionConflictError,
  SessionExpiredError,
  SessionLimitError,
  SessionNotFoundError,
  SessionRevokedError,
  StepUpRequiredError,
  StoreFullError,
  StoreRecordError,
  StoreRegressionError,
  StoreUnavailableError,
  TokenExpiredError,
  TokenInvalidError,
  type TokenRefusal,
  TokenRevokedError,
} from './errors.ts';
export type {
  EventListener,
  PawlEvent,
  RevocationReason,
  RotationEvidence,
} from './events.ts';
export type { SigningAlgorithm } from './jwt/algorithm.ts';
export type { JsonWebKeySet, PublicJwk } from './jwt/jwks.ts';
export { createJwt, type Jwt, type JwtOptions } from './jwt/jwt.ts';
export type { AccessTokenInput, AccessTokenPayload } from './jwt/payload.ts';
export {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type SigningJwk,
  type SigningKey,
} from './jwt/signing-key.ts';
export type { VerifiedJwt } from './jwt/verify.ts';
export {
  generateSecret,
  type KeyRing,
  type KeyUse,
  type RootKey,
  type RootSecret,
  type RootStatus,
} from './keys/key-ring.ts';
export { type RandomBytes, systemRandom } from './random.ts';
export type { Authentication, Device, SessionAttributes } from './session/attributes.ts';
export type { Auth } from './session/auth.ts';
export type { SessionRequest } from './session/create.ts';
export type { SessionUpdate } from './session/data.ts';
export type { IssuedTokens } from './session/issue.ts';
export type { RefreshRequest, RevocationCheck, SessionsOptions } from './session/options.ts';
export { type Preset, presets, type SessionTimes } from './session/presets.ts';
export type { RevokeOptions } from './session/revoke.ts';
export type { ListedSession, SessionInfo } from './session/session-info.ts';
export { createSessions, type Sessions } from './session/sessions.ts';
export type { VerifyOptions } from './session/verify.ts';
export {
  createSingleUseTokens,
  type SingleUseOptions,
  type SingleUseTokens,
} from './single-use/single-use.ts';
export type { ApiKeyRecord, ApiKeyStore, NewApiKey } from './store/api-key-store.ts';
export type {
  BlocklistChecker,
  BlocklistRevoker,
  BlocklistStore,
} from './store/blocklist-store.ts';
export type { Lease, LeaseStore } from './store/lease-store.ts';
export {
  applyRotation,
  decideRotation,
  type RotationDecision,
  type RotationOutcome,
  type RotationPolicy,
  type RotationRequest,
  withSuccessor,
} from './store/rotation.ts';
export {
  endOf,
  expiryOf,
  type NewSession,
  type SessionRecord,
  type Successor,
} from './store/session-record.ts';
export {
  type Activity,
  type CreateOutcome,
  type DataWrite,
  type ElevationRequest,
  type FoundSession,
  isTouchDue,
  type RevocationListener,
  type RevokeAllOutcome,
  type RevokeOutcome,
  type SessionLimit,
  type SessionList,
  type SessionSelection,
  type SessionStore,
  type WriteOutcome,
} from './store/session-store.ts';
export type { SingleUseStore } from './store/single-use-store.ts';
export type { Store } from './store/store.ts';
