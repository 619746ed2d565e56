/**
 * Every code that an error of Pawl can carry. Codes are stable across minor
 * versions: switch on them, not on messages.
 */
export type PawlErrorCode =
  | 'ERR_CONFIGURATION'
  | 'ERR_INPUT_INVALID'
  | 'ERR_TOKEN_INVALID'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_REVOKED'
  | 'ERR_SESSION_NOT_FOUND'
  | 'ERR_SESSION_REVOKED'
  | 'ERR_SESSION_EXPIRED'
  | 'ERR_SESSION_LIMIT'
  | 'ERR_API_KEY_LIMIT'
  | 'ERR_SESSION_CONFLICT'
  | 'ERR_REUSE_DETECTED'
  | 'ERR_REFRESH_RETRY'
  | 'ERR_REFRESH_REFUSED'
  | 'ERR_STEP_UP_REQUIRED'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_STORE_FULL'
  | 'ERR_STORE_REGRESSION'
  | 'ERR_STORE_RECORD';

/**
 * The base class of all errors of Pawl. Catch it, or call {@link isPawlError}, and switch
 * on `code`. No message contains a token, a hash, a key or anything else that the caller sent.
 *
 * Each subclass spells its `name` as a literal, which survives a minifier. It is a getter
 * because a field would be set too late for the first line of `stack`.
 */
export abstract class PawlError extends Error {
  /** The stable code of this error. */
  abstract readonly code: PawlErrorCode;
  /** Identifies errors of Pawl across several copies of this package in one process. */
  readonly library = '@pawl' as const;

  abstract override get name(): string;
}
