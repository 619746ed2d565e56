import { PawlError } from './pawl-error.ts';

/**
 * Thrown by `refresh` and `resume` when a consumed refresh token is presented at a time when no
 * honest client can still hold it, or when late replays have happened in `maxLateRun` generations in
 * a row. This session, and no other, has been revoked (RFC 9700 § 4.14.2): ask the user to log in
 * again, and consider a warning to them.
 */
export class ReuseDetectedError extends PawlError {
  readonly code = 'ERR_REUSE_DETECTED';

  constructor() {
    super('a consumed refresh token was used again; the session was revoked');
  }

  override get name(): 'ReuseDetectedError' {
    return 'ReuseDetectedError';
  }
}

/**
 * Thrown by `refresh` and `resume` when a late request presents a consumed token whose successor is
 * already in use, or one that a step-up has just replaced. No token was issued and nothing was
 * revoked: the client tries again, after about a second, with its newest token (the newer cookie).
 */
export class RefreshRetryError extends PawlError {
  readonly code = 'ERR_REFRESH_RETRY';

  constructor() {
    super('a newer refresh token is in use; try again with it');
  }

  override get name(): 'RefreshRetryError' {
    return 'RefreshRetryError';
  }
}

/**
 * Throw it in `authorizeRefresh` to refuse a refresh. Pawl throws it when the session is bound
 * to a key and the request proves no possession of that key. The refresh token was not consumed.
 */
export class RefreshRefusedError extends PawlError {
  readonly code = 'ERR_REFRESH_REFUSED';

  constructor(message = 'the refresh was refused', options?: ErrorOptions) {
    super(message, options);
  }

  override get name(): 'RefreshRefusedError' {
    return 'RefreshRefusedError';
  }
}
