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

/** What `openid-client` calls a response with an OAuth error: in a body, or of an authorization. */
const bodyError = 'OAUTH_RESPONSE_BODY_ERROR';
const authorizationError = 'OAUTH_AUTHORIZATION_RESPONSE_ERROR';

interface ResponseError {
  readonly error: string;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null | undefined)?.code;

const isResponseError = (error: unknown): error is ResponseError =>
  codeOf(error) === bodyError || codeOf(error) === authorizationError;

const codeForm = /^[\w.-]{1,64}$/;

/** Converts an error to one without anything that was sent or received. */
export const toProviderFailure = (error: unknown): ProviderFailure => {
  if (error instanceof ProviderFailure) return error;
  const code = isResponseError(error) ? error.error : codeOf(error);
  return new ProviderFailure(typeof code === 'string' && codeForm.test(code) ? code : 'failed');
};

/** Whether the provider refused the code or the refresh token for good (RFC 6749 § 5.2). */
export const isInvalidGrant = (error: unknown): boolean =>
  codeOf(error) === bodyError && (error as ResponseError).error === 'invalid_grant';

/** Whether the provider refused the login itself: the user denied it, or the code was used twice. */
export const isLoginRefusal = (error: unknown): boolean =>
  codeOf(error) === authorizationError || isInvalidGrant(error);
