import { isError } from '@pawl/core/internal';

/** The code of an {@link HttpError}. Codes are stable across minor versions: switch on them. */
export type HttpErrorCode =
  | 'ERR_CREDENTIAL_MISSING'
  | 'ERR_CREDENTIAL_INVALID'
  | 'ERR_DPOP_PROOF_INVALID'
  | 'ERR_DPOP_NONCE'
  | 'ERR_REFRESH_TOKEN_INVALID'
  | 'ERR_CLIENT_INVALID'
  | 'ERR_CSRF'
  | 'ERR_FORBIDDEN'
  | 'ERR_NOT_FOUND'
  | 'ERR_REQUEST_INVALID'
  | 'ERR_BODY_TOO_LARGE'
  | 'ERR_MEDIA_TYPE'
  | 'ERR_LOGIN_FAILED'
  | 'ERR_NOT_CONFIGURED'
  | 'ERR_UPSTREAM_UNAVAILABLE'
  | 'ERR_RATE_LIMITED';

/**
 * Thrown when a request is refused for a reason other than its token: a missing or malformed
 * credential, another site's request, an invalid body, a limit. `errorResponse` of this package
 * turns it into a response; the message repeats nothing that the client sent.
 */
export class HttpError extends Error {
  override readonly name: 'HttpError' | 'DpopError' = 'HttpError';
  /** Identifies the class across copies of this package in one process. */
  readonly library = '@pawl/http' as const;
  readonly code: HttpErrorCode;

  /** @param message for the developer of the client; it must not repeat what the client sent */
  constructor(code: HttpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Returns whether a caught value is an {@link HttpError}, whichever copy of this package threw it.
 */
export const isHttpError = (error: unknown): error is HttpError =>
  isError(error) && 'library' in error && error.library === '@pawl/http';
