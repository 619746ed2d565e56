import { type AnyPawlError, isPawlError, type PawlErrorCode } from '@pawl/core';
import type { Scheme } from './credential.ts';
import { csrfMessage } from './csrf/csrf-error.ts';
import { isDpopError } from './dpop/dpop-error.ts';
import { type HttpError, type HttpErrorCode, isHttpError } from './http-error.ts';
import type { HttpRequest } from './request.ts';
import { noStore, type Refusal } from './response.ts';

/** The code of an error that may become a response. */
export type ErrorCode = PawlErrorCode | HttpErrorCode;

/** The response to one kind of error. */
interface ErrorMapping {
  readonly status: number;
  /** The stable `error` of the body. */
  readonly error: string;
  readonly message: string;
  /** The `error` of `WWW-Authenticate` (RFC 6750 § 3.1); empty for the scheme alone. */
  readonly challenge?: string | undefined;
  /** The scheme of the challenge. Default: the request's own. */
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
  message: 'sessions cannot be checked at the moment; try again',
  retryAfter: 1,
};

/** The same for every reason. It has to explain the most common one: a token from before a step-up. */
const invalidToken = unauthorized(
  'invalid_token',
  'the credential is not valid, or a newer one has replaced it',
);

/**
 * The response to each error code. A revoked token gets the same response as one that never
 * existed. Codes that are missing here are not for the client: such an error goes to the
 * framework's error handler.
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
  ERR_SESSION_NOT_FOUND: unauthorized('invalid_session', 'the session does not exist'),
  ERR_SESSION_REVOKED: unauthorized('session_revoked', 'the session was revoked'),
  ERR_SESSION_EXPIRED: unauthorized('session_expired', 'the session has expired'),
  ERR_REUSE_DETECTED: unauthorized('session_revoked', 'the session was revoked'),
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
    message: 'the proof of possession must contain the nonce of this response',
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
  ERR_CSRF: { status: 403, error: 'csrf_violation', message: 'the request came from another site' },
  ERR_FORBIDDEN: {
    status: 403,
    error: 'forbidden',
    message: 'the credential does not allow this',
    challenge: 'insufficient_scope',
  },
  ERR_NOT_FOUND: { status: 404, error: 'not_found', message: 'not found' },
  ERR_REFRESH_RETRY: {
    status: 409,
    error: 'refresh_retry',
    message: 'a newer refresh token is in use; try again with it',
    retryAfter: 1,
  },
  ERR_SESSION_LIMIT: {
    status: 409,
    error: 'session_limit',
    message: 'too many sessions',
  },
  ERR_API_KEY_LIMIT: {
    status: 409,
    error: 'api_key_limit',
    message: 'too many API keys',
  },
  ERR_SESSION_CONFLICT: {
    status: 409,
    error: 'conflict',
    message: 'the session was changed at the same time; try again',
    retryAfter: 1,
  },
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
    message: 'the media type of the body is not supported',
  },
  ERR_LOGIN_FAILED: { status: 400, error: 'login_failed', message: 'the login failed' },
  ERR_NOT_CONFIGURED: {
    status: 501,
    error: 'not_configured',
    message: 'the service does not support this',
  },
  ERR_UPSTREAM_UNAVAILABLE: {
    status: 503,
    error: 'upstream_unavailable',
    message: 'the identity provider is not available at the moment',
    retryAfter: 1,
  },
  ERR_RATE_LIMITED: {
    status: 429,
    error: 'rate_limited',
    message: 'too many requests',
  },
  ERR_STORE_UNAVAILABLE: unavailable,
  ERR_STORE_FULL: unavailable,
  ERR_STORE_REGRESSION: unavailable,
  ERR_STORE_RECORD: unavailable,
};

/** Returns the response to a code; undefined if it goes to the framework's error handler. */
export const errorMappingOf = (code: ErrorCode): ErrorMapping | undefined => errorMappings[code];

/** What a response may need beside its error. */
export interface RefusalDetails {
  readonly cookies?: readonly string[] | undefined;
  /** The headers of a limit that was reached. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In ms: the maximum age of the authentication, for a step-up challenge (RFC 9470 § 3). */
  readonly maxAuthAge?: number | undefined;
  /** Where the listener of an event may put its promise. */
  readonly waitUntil?: HttpRequest['waitUntil'];
  /** How the request presented its token, if it did. */
  readonly scheme?: Scheme | undefined;
  /** The algorithms of proofs of possession, separated by spaces (RFC 9449 § 7.1). */
  readonly algorithms?: string | undefined;
}

/**
 * Returns the response to a PawlError or an HttpError, with nothing of the request or the error's
 * message in it. Returns null for any other error, and for an error that is not for the client,
 * such as a ConfigurationError: pass it to your error handler.
 */
export const errorResponse = (error: unknown, details: RefusalDetails = {}): Refusal | null => {
  if (!isKnownError(error)) return null;
  const mapping = errorMappings[error.code];
  if (!mapping) return null;
  const headers: Record<string, string> = { ...noStore, ...details.headers };
  if (mapping.challenge !== undefined) {
    const maxAuthAge =
      details.maxAuthAge ?? (error.code === 'ERR_STEP_UP_REQUIRED' ? error.maxAuthAge : undefined);
    headers['www-authenticate'] = challenge(mapping, { ...details, maxAuthAge });
  }
  if (mapping.retryAfter !== undefined) headers['retry-after'] = String(mapping.retryAfter);
  if (isDpopError(error) && error.nonce !== undefined) {
    headers['dpop-nonce'] = error.nonce;
    // Required for pages of another origin to read the nonce (RFC 9449 § 8.2).
    headers['access-control-expose-headers'] = 'DPoP-Nonce, WWW-Authenticate';
  }
  if (error.code === 'ERR_CSRF') headers['vary'] = 'Sec-Fetch-Site, Origin';
  return {
    status: mapping.status,
    headers,
    cookies: details.cookies ?? [],
    body: {
      error: mapping.error,
      message: (error.code === 'ERR_CSRF' && csrfMessage(error)) || mapping.message,
    },
    error,
  };
};

const isKnownError = (error: unknown): error is AnyPawlError | HttpError =>
  isPawlError(error) || isHttpError(error);

/** Lists the accepted schemes; the request's own with what is wrong (RFC 9110 § 11.6.1). */
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

/** Returns whether an error means that there is no valid credential. False if a store failed. */
export const isUnauthenticated = (error: unknown): boolean =>
  isKnownError(error) &&
  error.code !== 'ERR_STEP_UP_REQUIRED' &&
  errorMappings[error.code]?.status === 401;
