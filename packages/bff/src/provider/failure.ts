import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';

/**
 * The provider did not do what it was asked for. The reason is one word (an OAuth
 * error code, or the library's): an error of the library itself may hold the
 * answer, the code or the tokens, and is dropped.
 */
export class ProviderFailure extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`the identity provider: ${reason}`);
    this.reason = reason;
  }
}

const word = /^[\w.-]{1,64}$/;

/** What went wrong, without anything that was sent or answered. */
export const providerFailure = (error: unknown): ProviderFailure => {
  if (error instanceof ProviderFailure) return error;
  const told =
    error instanceof ResponseBodyError || error instanceof AuthorizationResponseError
      ? error.error
      : (error as { code?: unknown } | null)?.code;
  return new ProviderFailure(typeof told === 'string' && word.test(told) ? told : 'failed');
};

/** Whether the provider has said no for good: the code or the refresh token is worth nothing. */
export const isInvalidGrant = (error: unknown): boolean =>
  error instanceof ResponseBodyError && error.error === 'invalid_grant';

/** Whether the provider refused the login itself: its user said no, a code was used twice. */
export const isLoginRefusal = (error: unknown): boolean =>
  error instanceof AuthorizationResponseError || isInvalidGrant(error);
