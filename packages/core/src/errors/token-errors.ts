import { PawlError } from './pawl-error.ts';

/** Why a token was refused. For events and logs, never for the client. */
export type TokenRefusal =
  | 'malformed'
  | 'wrong_type'
  | 'kid_unknown'
  | 'kid_compromised'
  | 'forged'
  | 'claims'
  | 'not_current'
  | 'superseded'
  | 'no_id';

/**
 * Thrown when a token was not issued by this deployment for this use, or was altered.
 * Refuse the request (401) and ask the user to log in.
 */
export class TokenInvalidError extends PawlError {
  readonly code = 'ERR_TOKEN_INVALID';
  /** For logs and events: the reply to the client must be the same for all of them. */
  readonly refusal: TokenRefusal;

  constructor(refusal: TokenRefusal) {
    super('the token is not valid');
    this.refusal = refusal;
  }

  override get name(): 'TokenInvalidError' {
    return 'TokenInvalidError';
  }
}

/**
 * Thrown when a token was valid but has expired. Of an access token: refresh and try again.
 * Of a refresh token or an API key: a new login or a new key is needed.
 */
export class TokenExpiredError extends PawlError {
  readonly code = 'ERR_TOKEN_EXPIRED';

  constructor() {
    super('the token has expired');
  }

  override get name(): 'TokenExpiredError' {
    return 'TokenExpiredError';
  }
}

/**
 * Thrown when a token that has not expired is on the blocklist, or when an API key was
 * revoked. Refuse the request (401): a new login or a new key is needed.
 */
export class TokenRevokedError extends PawlError {
  readonly code = 'ERR_TOKEN_REVOKED';

  constructor() {
    super('the token was revoked');
  }

  override get name(): 'TokenRevokedError' {
    return 'TokenRevokedError';
  }
}
