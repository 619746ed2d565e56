import { PawlError } from './pawl-error.ts';

/**
 * Thrown when the store has no session with this id, or when it belongs to another user.
 * Treat the client as logged out.
 */
export class SessionNotFoundError extends PawlError {
  readonly code = 'ERR_SESSION_NOT_FOUND';

  constructor() {
    super('no such session');
  }

  override get name(): 'SessionNotFoundError' {
    return 'SessionNotFoundError';
  }
}

/**
 * Thrown when the session was ended by its user, an administrator, a session limit, the reuse of a
 * token, or a write that the store has lost for good (`lost`). `reason` says which: ask the user to
 * log in again.
 */
export class SessionRevokedError extends PawlError {
  readonly code = 'ERR_SESSION_REVOKED';
  /** The reason that was recorded with the revocation. */
  readonly reason: string;

  constructor(reason: string) {
    super('the session was revoked');
    this.reason = reason;
  }

  override get name(): 'SessionRevokedError' {
    return 'SessionRevokedError';
  }
}

/** Thrown when the session reached its idle or absolute timeout. Ask the user to log in again. */
export class SessionExpiredError extends PawlError {
  readonly code = 'ERR_SESSION_EXPIRED';

  constructor() {
    super('the session has expired');
  }

  override get name(): 'SessionExpiredError' {
    return 'SessionExpiredError';
  }
}

/**
 * Thrown by `create` when the user has as many sessions as `limit.max` allows and
 * `limit.policy` is `refuse`. Let the user end another session first.
 */
export class SessionLimitError extends PawlError {
  readonly code = 'ERR_SESSION_LIMIT';

  constructor() {
    super('the user has too many sessions');
  }

  override get name(): 'SessionLimitError' {
    return 'SessionLimitError';
  }
}

/**
 * Thrown by `update` and `elevate` when other writers changed the session during every
 * attempt. Nothing was written: try again later.
 */
export class SessionConflictError extends PawlError {
  readonly code = 'ERR_SESSION_CONFLICT';

  constructor() {
    super('the session was changed by another writer');
  }

  override get name(): 'SessionConflictError' {
    return 'SessionConflictError';
  }
}

/**
 * Thrown when the authentication is too old or too weak for the request (RFC 9470).
 * Authenticate the user again, then call `sessions.elevate`.
 */
export class StepUpRequiredError extends PawlError {
  readonly code = 'ERR_STEP_UP_REQUIRED';
  /** In ms: how old the authentication may be. The challenge names it as `max_age`. */
  readonly maxAuthAge: number | undefined;

  constructor({ maxAuthAge }: { readonly maxAuthAge?: number | undefined } = {}) {
    super('a fresh authentication is required');
    this.maxAuthAge = maxAuthAge;
  }

  override get name(): 'StepUpRequiredError' {
    return 'StepUpRequiredError';
  }
}

/**
 * Thrown when an API key is created and the user has as many as `limit` allows. Let the user revoke
 * another key first.
 */
export class ApiKeyLimitError extends PawlError {
  readonly code = 'ERR_API_KEY_LIMIT';

  constructor() {
    super('the user has too many API keys');
  }

  override get name(): 'ApiKeyLimitError' {
    return 'ApiKeyLimitError';
  }
}
