import { type AnyPawlError, isPawlError, type PawlErrorCode } from '@pawl/core';
import type { Scheme } from './credential.ts';
import { isDpopError } from './dpop/dpop-error.ts';
import { type HttpError, type HttpErrorCode, isHttpError } from './http-error.ts';
import { noStore, type Refusal } from './response.ts';

/** A code that HTTP may have an answer to. */
export type ErrorCode = PawlErrorCode | HttpErrorCode;

/** How one kind of error is answered. */
interface ErrorMapping {
  readonly status: number;
  /** The stable word in the body. */
  readonly error: string;
  readonly message: string;
  /** The `error` of `WWW-Authenticate` (RFC 6750 § 3.1); empty: the bare scheme. */
  readonly challenge?: string | undefined;
  /** Of the challenge, where it is not the request's own. */
  readonly scheme?: Scheme | 'Basic' | undefined;
  /** In seconds. */
  readonly retryAfter?: number | undefined;
}

const unauthorized = (error: string, message: string): ErrorMapping => ({
  status: 401,
  error,
  message,
  challenge: 'invalid_token',
});

const unavailable: ErrorMapping = {
  status: 503,
  error: 'unavailable',
  message: 'the service cannot check sessions at the moment',
  retryAfter: 1,
};

const invalidToken = unauthorized('invalid_token', 'the credential is not valid');

/**
 * The one table of what an error is in HTTP. A token that was revoked is
 * answered like one that was never good. Codes that are missing here are not the
 * client's business: they go to the framework's error handler as they are.
 */
const errorMappings: Readonly<Partial<Record<ErrorCode, ErrorMapping>>> = {
  ERR_CREDENTIAL_MISSING: {
    status: 401,
    error: 'no_session',
    message: 'authentication is required',
    challenge: '',
  },
  ERR_CREDENTIAL_INVALID: invalidToken,
  ERR_TOKEN_INVALID: invalidToken,
  ERR_TOKEN_REVOKED: invalidToken,
  ERR_TOKEN_EXPIRED: unauthorized('token_expired', 'the credential has expired'),
  ERR_SESSION_NOT_FOUND: unauthorized('invalid_session', 'there is no such session'),
  ERR_SESSION_REVOKED: unauthorized('session_revoked', 'the session was ended'),
  ERR_SESSION_EXPIRED: unauthorized('session_expired', 'the session has expired'),
  ERR_REUSE_DETECTED: unauthorized('session_revoked', 'the session was ended'),
  ERR_REFRESH_REFUSED: unauthorized('invalid_grant', 'the refresh token is not valid'),
  ERR_REFRESH_TOKEN_INVALID: unauthorized('invalid_grant', 'the refresh token is not valid'),
  ERR_DPOP_PROOF_INVALID: {
    status: 401,
    error: 'invalid_dpop_proof',
    message: 'the proof of possession is not valid',
    challenge: 'invalid_dpop_proof',
    scheme: 'DPoP',
  },
  ERR_DPOP_NONCE: {
    status: 401,
    error: 'use_dpop_nonce',
    message: 'the proof of possession needs the nonce of this answer',
    challenge: 'use_dpop_nonce',
    scheme: 'DPoP',
  },
  ERR_STEP_UP_REQUIRED: {
    status: 401,
    error: 'step_up_required',
    message: 'a fresh authentication is required',
    challenge: 'insufficient_user_authentication',
  },
  ERR_CLIENT_INVALID: {
    status: 401,
    error: 'invalid_client',
    message: 'the client could not be authenticated',
    challenge: 'invalid_client',
    scheme: 'Basic',
  },
  ERR_CSRF: { status: 403, error: 'csrf_violation', message: 'the request came from elsewhere' },
  ERR_FORBIDDEN: {
    status: 403,
    error: 'forbidden',
    message: 'the credential does not allow this',
    challenge: 'insufficient_scope',
  },
  ERR_NOT_FOUND: { status: 404, error: 'not_found', message: 'there is no such thing' },
  ERR_REFRESH_RETRY: {
    status: 409,
    error: 'refresh_retry',
    message: 'a newer refresh token is in use; try again with it',
    retryAfter: 1,
  },
  ERR_SESSION_LIMIT: {
    status: 409,
    error: 'session_limit',
    message: 'there are too many sessions',
  },
  ERR_SESSION_CONFLICT: {
    status: 409,
    error: 'conflict',
    message: 'the session was changed at the same time; try again',
    retryAfter: 1,
  },
  ERR_INPUT_INVALID: { status: 400, error: 'invalid_request', message: 'the request is not valid' },
  ERR_REQUEST_INVALID: {
    status: 400,
    error: 'invalid_request',
    message: 'the request is not valid',
  },
  ERR_BODY_TOO_LARGE: {
    status: 413,
    error: 'payload_too_large',
    message: 'the body is too large',
  },
  ERR_MEDIA_TYPE: {
    status: 415,
    error: 'unsupported_media_type',
    message: 'the body is not of a media type that is read here',
  },
  ERR_LOGIN_FAILED: { status: 400, error: 'login_failed', message: 'the login did not succeed' },
  ERR_NOT_CONFIGURED: {
    status: 501,
    error: 'not_configured',
    message: 'the service does not offer this',
  },
  ERR_UPSTREAM_UNAVAILABLE: {
    status: 503,
    error: 'upstream_unavailable',
    message: 'the identity provider cannot be asked at the moment',
    retryAfter: 1,
  },
  ERR_RATE_LIMITED: {
    status: 429,
    error: 'rate_limited',
    message: 'there were too many requests',
  },
  ERR_STORE_UNAVAILABLE: unavailable,
  ERR_STORE_FULL: unavailable,
  ERR_STORE_REGRESSION: unavailable,
  ERR_STORE_RECORD: unavailable,
};

/** How a code is answered; undefined where HTTP has no mapping. */
export const errorMappingOf = (code: ErrorCode): ErrorMapping | undefined => errorMappings[code];

/** What an answer may need beyond its error. */
export interface RefusalDetails {
  readonly cookies?: readonly string[] | undefined;
  /** Those of a limit that was reached. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In ms: how old the authentication may be (RFC 9470 § 3). */
  readonly maxAuthAge?: number | undefined;
  /** How the request presented its token, where it did. */
  readonly scheme?: Scheme | undefined;
  /** Of proofs of possession, where they are accepted (RFC 9449 § 7.1). */
  readonly algorithms?: string | undefined;
}

/** The answer to an error, or null for one that HTTP has no answer to. Nothing of it is reflected. */
export const errorResponse = (error: unknown, details: RefusalDetails = {}): Refusal | null => {
  if (!isKnownError(error)) return null;
  const mapping = errorMappings[error.code];
  if (!mapping) return null;
  const headers: Record<string, string> = { ...noStore, ...details.headers };
  if (mapping.challenge !== undefined) {
    headers['www-authenticate'] = challenge(mapping, details);
  }
  if (mapping.retryAfter !== undefined) headers['retry-after'] = String(mapping.retryAfter);
  if (isDpopError(error) && error.nonce !== undefined) {
    headers['dpop-nonce'] = error.nonce;
    // Else a page of another origin could not read it (RFC 9449 § 8.2 has no other way).
    headers['access-control-expose-headers'] = 'DPoP-Nonce, WWW-Authenticate';
  }
  if (error.code === 'ERR_CSRF') headers['vary'] = 'Sec-Fetch-Site, Origin';
  return {
    status: mapping.status,
    headers,
    cookies: details.cookies ?? [],
    body: { error: mapping.error, message: mapping.message },
    error,
  };
};

const isKnownError = (error: unknown): error is AnyPawlError | HttpError =>
  isPawlError(error) || isHttpError(error);

/** The schemes that would do, the request's own with what is wrong (RFC 9110 § 11.6.1). */
const challenge = (
  mapping: ErrorMapping,
  { scheme, algorithms, maxAuthAge }: RefusalDetails,
): string => {
  // RFC 7617 § 2, RFC 6749 § 5.2.
  if (mapping.scheme === 'Basic') return 'Basic realm="oauth", charset="UTF-8"';
  const parameters: string[] = [];
  if (mapping.challenge) {
    parameters.push(`error="${mapping.challenge}"`, `error_description="${mapping.message}"`);
  }
  if (mapping.challenge === 'insufficient_user_authentication' && maxAuthAge !== undefined) {
    parameters.push(`max_age="${Math.floor(maxAuthAge / 1_000)}"`);
  }
  const algs = algorithms === undefined ? [] : [`algs="${algorithms}"`];
  if ((mapping.scheme ?? scheme) === 'DPoP') return `DPoP ${[...parameters, ...algs].join(', ')}`;
  const bearer = parameters.length === 0 ? 'Bearer' : `Bearer ${parameters.join(', ')}`;
  return [bearer, ...algs.map((one) => `DPoP ${one}`)].join(', ');
};

/** Whether an error says that there is no valid credential: never so where a store failed. */
export const isUnauthenticated = (error: unknown): boolean =>
  isKnownError(error) &&
  error.code !== 'ERR_STEP_UP_REQUIRED' &&
  errorMappings[error.code]?.status === 401;
