import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';

/**
 * A request to the provider failed. It holds only an error code: the library's own error may
 * hold the response, the authorization code or tokens, so it is dropped.
 */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  /** An OAuth error code, or an error code of `openid-client`. */
  readonly reason: string;

  constructor(reason: string) {
    super(`the identity provider failed: ${reason}`);
    this.reason = reason;
  }
}

const codeForm = /^[\w.-]{1,64}$/;

/** Converts an error to one without anything that was sent or received. */
export const toProviderFailure = (error: unknown): ProviderFailure => {
  if (error instanceof ProviderFailure) return error;
  const code =
    error instanceof ResponseBodyError || error instanceof AuthorizationResponseError
      ? error.error
      : (error as { code?: unknown } | null)?.code;
  return new ProviderFailure(typeof code === 'string' && codeForm.test(code) ? code : 'failed');
};

/** Whether the provider refused the code or the refresh token for good (RFC 6749 § 5.2). */
export const isInvalidGrant = (error: unknown): boolean =>
  error instanceof ResponseBodyError && error.error === 'invalid_grant';

/** Whether the provider refused the login itself: the user denied it, or the code was used twice. */
export const isLoginRefusal = (error: unknown): boolean =>
  error instanceof AuthorizationResponseError || isInvalidGrant(error);
