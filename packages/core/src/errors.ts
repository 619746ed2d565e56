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
 * The base of all errors of Pawl. A message never holds a token, a hash, a key
 * or anything else that the caller sent.
 */
export abstract class PawlError extends Error {
  /** The stable code of this error. */
  abstract readonly code: PawlErrorCode;
  /** Marks errors of Pawl across copies of this package in one process. */
  readonly library = '@pawl' as const;

  /** The name of the class: a literal, so that minified code keeps it. */
  abstract override get name(): string;
}

/** An option is missing, or contradicts another. Thrown at construction only. */
export class ConfigurationError extends PawlError {
  readonly code = 'ERR_CONFIGURATION';

  override get name(): 'ConfigurationError' {
    return 'ConfigurationError';
  }

  /** The name of the option that has to change. */
  readonly option: string;

  constructor(option: string, problem: string) {
    super(`${option}: ${problem}`);
    this.option = option;
  }
}

/** An argument of a call is not what the call takes. Nothing was read, written or consumed. */
export class InvalidInputError extends PawlError {
  readonly code = 'ERR_INPUT_INVALID';

  override get name(): 'InvalidInputError' {
    return 'InvalidInputError';
  }

  /** The name of the argument. */
  readonly argument: string;

  constructor(argument: string, problem: string) {
    super(`${argument}: ${problem}`);
    this.argument = argument;
  }
}

/** Why a token was refused without asking a store. For events and logs, never for the client. */
export type TokenRefusal =
  | 'malformed'
  | 'wrong_type'
  | 'kid_unknown'
  | 'kid_compromised'
  | 'forged'
  | 'claims'
  | 'not_current'
  | 'no_id';

/** The token is not one that we issued for this use, or it was altered. */
export class TokenInvalidError extends PawlError {
  readonly code = 'ERR_TOKEN_INVALID';

  override get name(): 'TokenInvalidError' {
    return 'TokenInvalidError';
  }

  /** For logs and events: an answer to a client must not tell these apart. */
  readonly refusal: TokenRefusal;

  constructor(refusal: TokenRefusal) {
    super('the token is not valid');
    this.refusal = refusal;
  }
}

/** The token was good once; its time is over. */
export class TokenExpiredError extends PawlError {
  readonly code = 'ERR_TOKEN_EXPIRED';

  override get name(): 'TokenExpiredError' {
    return 'TokenExpiredError';
  }

  constructor() {
    super('the token has expired');
  }
}

/** The token, or the API key, was revoked before its time was over. */
export class TokenRevokedError extends PawlError {
  readonly code = 'ERR_TOKEN_REVOKED';

  override get name(): 'TokenRevokedError' {
    return 'TokenRevokedError';
  }

  constructor() {
    super('the token was revoked');
  }
}

/** The store knows no such session, or it belongs to someone else. */
export class SessionNotFoundError extends PawlError {
  readonly code = 'ERR_SESSION_NOT_FOUND';

  override get name(): 'SessionNotFoundError' {
    return 'SessionNotFoundError';
  }

  constructor() {
    super('no such session');
  }
}

/** The session was ended: by its user, an administrator, a limit or the reuse of a token. */
export class SessionRevokedError extends PawlError {
  readonly code = 'ERR_SESSION_REVOKED';

  override get name(): 'SessionRevokedError' {
    return 'SessionRevokedError';
  }

  /** The reason that the revocation was recorded with. */
  readonly reason: string;

  constructor(reason: string) {
    super('the session was revoked');
    this.reason = reason;
  }
}

/** The session reached its idle or its absolute timeout. */
export class SessionExpiredError extends PawlError {
  readonly code = 'ERR_SESSION_EXPIRED';

  override get name(): 'SessionExpiredError' {
    return 'SessionExpiredError';
  }

  constructor() {
    super('the session has expired');
  }
}

/** The user has as many sessions as the policy allows, and the policy is to refuse. */
export class SessionLimitError extends PawlError {
  readonly code = 'ERR_SESSION_LIMIT';

  override get name(): 'SessionLimitError' {
    return 'SessionLimitError';
  }

  constructor() {
    super('the user has too many sessions');
  }
}

/** Someone else wrote the session at the same time, and kept winning. Nothing was written. */
export class SessionConflictError extends PawlError {
  readonly code = 'ERR_SESSION_CONFLICT';

  override get name(): 'SessionConflictError' {
    return 'SessionConflictError';
  }

  constructor() {
    super('the session was changed by another writer');
  }
}

/**
 * A consumed refresh token was presented when no honest client could still
 * hold it: the session (this one only) has been revoked (RFC 9700 § 4.14.2).
 */
export class ReuseDetectedError extends PawlError {
  readonly code = 'ERR_REUSE_DETECTED';

  override get name(): 'ReuseDetectedError' {
    return 'ReuseDetectedError';
  }

  constructor() {
    super('a consumed refresh token was used again; the session was revoked');
  }
}

/**
 * A straggler presented a token whose successor is in use. Nothing was minted
 * and nothing revoked: try again with the newest token (the newer cookie).
 */
export class RefreshRetryError extends PawlError {
  readonly code = 'ERR_REFRESH_RETRY';

  override get name(): 'RefreshRetryError' {
    return 'RefreshRetryError';
  }

  constructor() {
    super('a newer refresh token is in use; try again with it');
  }
}

/**
 * The application's `authorizeRefresh` said no, or the session is bound to a key and there was
 * no proof of it. The refresh token was not consumed.
 */
export class RefreshRefusedError extends PawlError {
  readonly code = 'ERR_REFRESH_REFUSED';

  override get name(): 'RefreshRefusedError' {
    return 'RefreshRefusedError';
  }

  constructor(message = 'the refresh was refused', options?: ErrorOptions) {
    super(message, options);
  }
}

/** The authentication is too old, or too weak, for what was asked (RFC 9470). */
export class StepUpRequiredError extends PawlError {
  readonly code = 'ERR_STEP_UP_REQUIRED';

  override get name(): 'StepUpRequiredError' {
    return 'StepUpRequiredError';
  }

  constructor() {
    super('a fresh authentication is required');
  }
}

/**
 * The store did not answer, or answered with a failure: neither "logged out"
 * nor "allowed". HTTP answers 503. `cause` is the driver's error.
 */
export class StoreUnavailableError extends PawlError {
  readonly code = 'ERR_STORE_UNAVAILABLE';

  override get name(): 'StoreUnavailableError' {
    return 'StoreUnavailableError';
  }

  constructor(options?: ErrorOptions) {
    super('the store is not available', options);
  }
}

/** A bounded store has no room left, also after a sweep. Nothing was written. */
export class StoreFullError extends PawlError {
  readonly code = 'ERR_STORE_FULL';

  override get name(): 'StoreFullError' {
    return 'StoreFullError';
  }

  constructor() {
    super('the store is full');
  }
}

/**
 * The store knows an older generation than the client: it has lost a write (a
 * failover, a restored backup). Refused, not revoked, not accepted; HTTP answers 503.
 */
export class StoreRegressionError extends PawlError {
  readonly code = 'ERR_STORE_REGRESSION';

  override get name(): 'StoreRegressionError' {
    return 'StoreRegressionError';
  }

  constructor() {
    super('the store has lost a write of this session');
  }
}

/** The store answered with a record that is not the one asked for, or that does not add up. */
export class StoreRecordError extends PawlError {
  readonly code = 'ERR_STORE_RECORD';

  override get name(): 'StoreRecordError' {
    return 'StoreRecordError';
  }

  constructor(problem: string) {
    super(`the store answered with a wrong record: ${problem}`);
  }
}

/** All errors that Pawl throws, to `switch` on their `code`. */
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
  | SessionConflictError
  | ReuseDetectedError
  | RefreshRetryError
  | RefreshRefusedError
  | StepUpRequiredError
  | StoreUnavailableError
  | StoreFullError
  | StoreRegressionError
  | StoreRecordError;

/** Whether a caught value is an error of Pawl, whichever copy of this package threw it. */
export const isPawlError = (error: unknown): error is AnyPawlError =>
  error instanceof Error && 'library' in error && error.library === '@pawl';
