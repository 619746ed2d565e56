import type { ConfigurationError, InvalidInputError } from './errors/caller-errors.ts';
import type {
  RefreshRefusedError,
  RefreshRetryError,
  ReuseDetectedError,
} from './errors/refresh-errors.ts';
import type {
  ApiKeyLimitError,
  SessionConflictError,
  SessionExpiredError,
  SessionLimitError,
  SessionNotFoundError,
  SessionRevokedError,
  StepUpRequiredError,
} from './errors/session-errors.ts';
import type {
  StoreFullError,
  StoreRecordError,
  StoreRegressionError,
  StoreUnavailableError,
} from './errors/store-errors.ts';
import type {
  TokenExpiredError,
  TokenInvalidError,
  TokenRevokedError,
} from './errors/token-errors.ts';
import { isError } from './value-kinds.ts';

export { ConfigurationError, InvalidInputError } from './errors/caller-errors.ts';
export { PawlError, type PawlErrorCode } from './errors/pawl-error.ts';
export {
  RefreshRefusedError,
  RefreshRetryError,
  ReuseDetectedError,
} from './errors/refresh-errors.ts';
export {
  ApiKeyLimitError,
  SessionConflictError,
  SessionExpiredError,
  SessionLimitError,
  SessionNotFoundError,
  SessionRevokedError,
  StepUpRequiredError,
} from './errors/session-errors.ts';
export {
  StoreFullError,
  StoreRecordError,
  StoreRegressionError,
  StoreUnavailableError,
} from './errors/store-errors.ts';
export {
  TokenExpiredError,
  TokenInvalidError,
  type TokenRefusal,
  TokenRevokedError,
} from './errors/token-errors.ts';

/** All errors that Pawl's core throws, to `switch` on their `code`. */
export type AnyPawlError =
  | ConfigurationError
  | InvalidInputError
  | TokenInvalidError
  | TokenExpiredError
  | TokenRevokedError
  | SessionNotFoundError
  | SessionRevokedError
  | SessionExpiredError
  | SessionLimitError
  | ApiKeyLimitError
  | SessionConflictError
  | ReuseDetectedError
  | RefreshRetryError
  | RefreshRefusedError
  | StepUpRequiredError
  | StoreUnavailableError
  | StoreFullError
  | StoreRegressionError
  | StoreRecordError;

/**
 * Returns whether a caught value is an error of Pawl, whichever copy of this package threw it.
 *
 * @example
 * ```ts
 * try {
 *   await sessions.verify(accessToken);
 * } catch (error) {
 *   if (isPawlError(error) && error.code === 'ERR_TOKEN_EXPIRED') return refresh();
 *   throw error;
 * }
 * ```
 */
export const isPawlError = (error: unknown): error is AnyPawlError =>
  isError(error) && 'library' in error && error.library === '@pawl';
