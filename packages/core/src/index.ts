export type { AccessTokenFormat } from './access-token/format.ts';
export { type OpaqueAccessTokenOptions, opaqueAccessTokens } from './access-token/opaque.ts';
export type { WaitUntil } from './background.ts';
export { type CleanableStore, type Cleanup, type CleanupOptions, startCleanup } from './cleanup.ts';
export { type Clock, systemClock } from './clock.ts';
export type { CryptoProvider } from './crypto/provider.ts';
export {
  type AnyPawlError,
  ApiKeyLimitError,
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
export type { PawlEvent, PawlEventListener, RevocationReason, RotationEvidence } from './events.ts';
export { generateSecret, type RootSecret, type RootStatus } from './keys/key-ring.ts';
export { type RandomBytes, systemRandom } from './random.ts';
export type { Authentication, Device, SessionAttributes } from './session/attributes.ts';
export type { Auth, AuthCheck } from './session/auth.ts';
export type { SessionInput } from './session/create.ts';
export type { SessionUpdate } from './session/data.ts';
export type { TokenIdentity } from './session/identify.ts';
export type { IssuedTokens } from './session/issue.ts';
export type { ListSessionsOptions } from './session/list.ts';
export type { RefreshAuthorization, RevocationCheck, SessionsOptions } from './session/options.ts';
export { type Preset, presets, type SessionTimes } from './session/presets.ts';
export type { KeyProof, RefreshOptions } from './session/refresh.ts';
export type { RenewedToken, ResumedSession, ResumeOptions } from './session/resume/resume.ts';
export type {
  RevokeAllOptions,
  RevokeByTokenOptions,
  RevokeOptions,
} from './session/revoke.ts';
export type { ListedSession, SessionInfo } from './session/session-info.ts';
export { createSessions, type Sessions, type SessionsWithin } from './session/sessions.ts';
export type { VerifyOptions } from './session/verify.ts';
export type { RotationPolicy } from './store/rotation.ts';
export type { RevokeOutcome, SessionLimit, SessionPosition } from './store/session-store.ts';
