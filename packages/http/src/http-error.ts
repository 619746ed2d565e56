/** What can be wrong with a request before any token is looked at. Codes are stable. */
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

/** A request that is refused for what it is, not for what its token says. */
export class HttpError extends Error {
  /** Marks errors of Pawl across copies of this package in one process. */
  readonly library = '@pawl/http' as const;
  readonly code: HttpErrorCode;

  /** @param message for the developer of the client: it must repeat nothing that was sent */
  constructor(code: HttpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** Whether a caught value is an {@link HttpError}, whichever copy of this package threw it. */
export const isHttpError = (error: unknown): error is HttpError =>
  error instanceof Error && 'library' in error && error.library === '@pawl/http';
