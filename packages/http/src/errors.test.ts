import {
  ApiKeyLimitError,
  ConfigurationError,
  InvalidInputError,
  type PawlError,
  RefreshRefusedError,
  RefreshRetryError,
  ReuseDetectedError,
  SessionConflictError,
  SessionExpiredError,
  SessionLimitError,
  SessionNotFoundError,
  SessionRevokedError,
  StepUpRequiredError,
  StoreFullError,
  StoreRecordError,
  StoreRegressionError,
  StoreUnavailableError,
  TokenExpiredError,
  TokenInvalidError,
  TokenRevokedError,
} from '@pawl/core';
import { expect, test } from 'vitest';
import { errorResponse, isUnauthenticated } from './errors.ts';
import { HttpError, type HttpErrorCode } from './http-error.ts';

test('a mistake of the application is not shown as one of the client', () => {
  expect(errorResponse(new InvalidInputError('userId', 'must be a string'))).toBeNull();
});

const canary = 'pawl_rt_CANARY';

test.each<[PawlError, number, string]>([
  [new TokenInvalidError('forged'), 401, 'invalid_token'],
  [new TokenRevokedError(), 401, 'invalid_token'],
  [new TokenExpiredError(), 401, 'token_expired'],
  [new SessionNotFoundError(), 401, 'invalid_session'],
  [new SessionRevokedError(canary), 401, 'session_revoked'],
  [new SessionExpiredError(), 401, 'session_expired'],
  [new ReuseDetectedError(), 401, 'session_revoked'],
  [new RefreshRefusedError(canary), 401, 'invalid_grant'],
  [new StepUpRequiredError(), 401, 'step_up_required'],
  [new RefreshRetryError(), 409, 'refresh_retry'],
  [new SessionLimitError(), 409, 'session_limit'],
  [new ApiKeyLimitError(), 409, 'api_key_limit'],
  [new SessionConflictError(), 409, 'conflict'],
  [new StoreUnavailableError({ cause: new Error(canary) }), 503, 'unavailable'],
  [new StoreFullError(), 503, 'unavailable'],
  [new StoreRegressionError(), 503, 'unavailable'],
  [new StoreRecordError(canary), 503, 'unavailable'],
])('%s is %i %s', (error, status, word) => {
  const response = errorResponse(error);
  expect(response).toMatchObject({ status, body: { error: word }, error });
  expect(Object.keys(response?.body as object)).toEqual(['error', 'message']);
  expect(response?.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  expect(JSON.stringify([response?.body, response?.headers])).not.toContain('CANARY');
  // RFC 9110 § 15.5.2: a 401 always names a scheme.
  expect(response?.headers['www-authenticate']?.startsWith('Bearer') ?? false).toBe(status === 401);
});

test.each<[HttpErrorCode, number]>([
  ['ERR_CREDENTIAL_MISSING', 401],
  ['ERR_CREDENTIAL_INVALID', 401],
  ['ERR_REFRESH_TOKEN_INVALID', 401],
  ['ERR_CSRF', 403],
  ['ERR_LOGIN_FAILED', 400],
  ['ERR_NOT_CONFIGURED', 501],
  ['ERR_UPSTREAM_UNAVAILABLE', 503],
  ['ERR_FORBIDDEN', 403],
  ['ERR_NOT_FOUND', 404],
  ['ERR_REQUEST_INVALID', 400],
  ['ERR_BODY_TOO_LARGE', 413],
  ['ERR_MEDIA_TYPE', 415],
  ['ERR_RATE_LIMITED', 429],
])('%s is %i', (code, status) => {
  const response = errorResponse(new HttpError(code, canary));
  expect(response?.status).toBe(status);
  expect(JSON.stringify(response?.body)).not.toContain('CANARY');
});

test('B2: a revoked token and an invalid one have the same response, byte for byte', () => {
  const revoked = { ...errorResponse(new TokenRevokedError()), error: undefined };
  const bad = { ...errorResponse(new TokenInvalidError('malformed')), error: undefined };
  expect(revoked).toEqual(bad);
});

test('an error that is not for the client has no response', () => {
  expect(errorResponse(new ConfigurationError('blocklist', 'is needed'))).toBeNull();
  expect(errorResponse(new TypeError('x is not a function'))).toBeNull();
  expect(errorResponse({ code: 'ERR_TOKEN_INVALID' })).toBeNull();
  expect(errorResponse(undefined)).toBeNull();
});

test('RFC 6750 § 3: the challenge has no error without a credential', () => {
  const missing = errorResponse(new HttpError('ERR_CREDENTIAL_MISSING', ''));
  expect(missing?.headers['www-authenticate']).toBe('Bearer');
  const bad = errorResponse(new TokenInvalidError('forged'));
  expect(bad?.headers['www-authenticate']).toBe(
    'Bearer error="invalid_token", error_description="the credential is not valid, or a newer one has replaced it"',
  );
});

test('RFC 9470 § 3: a step-up challenge has max_age in seconds, other refusals do not', () => {
  const details = { maxAuthAge: 300_000 };
  expect(errorResponse(new StepUpRequiredError(), details)?.headers['www-authenticate']).toBe(
    'Bearer error="insufficient_user_authentication", ' +
      'error_description="a fresh authentication is required", max_age="300"',
  );
  // One that a handler throws has no details: the error says it.
  const thrown = errorResponse(new StepUpRequiredError({ maxAuthAge: 90_500 }));
  expect(thrown?.headers['www-authenticate']).toContain('max_age="90"');
  const other = errorResponse(new TokenExpiredError(), details);
  expect(other?.headers['www-authenticate']).not.toContain('max_age');
});

test('a temporary refusal has Retry-After', () => {
  expect(errorResponse(new RefreshRetryError())?.headers['retry-after']).toBe('1');
  expect(errorResponse(new StoreUnavailableError())?.headers['retry-after']).toBe('1');
  expect(errorResponse(new TokenExpiredError())?.headers).not.toHaveProperty('retry-after');
});

test('a failed store, a missing permission and a step-up do not count as unauthenticated', () => {
  expect(isUnauthenticated(new SessionRevokedError('logout'))).toBe(true);
  expect(isUnauthenticated(new HttpError('ERR_CREDENTIAL_INVALID', ''))).toBe(true);
  for (const error of [
    new StoreUnavailableError(),
    new StoreRegressionError(),
    new RefreshRetryError(),
    new StepUpRequiredError(),
    new HttpError('ERR_CSRF', ''),
    new HttpError('ERR_FORBIDDEN', ''),
    new Error('x'),
  ]) {
    expect(isUnauthenticated(error)).toBe(false);
  }
});
