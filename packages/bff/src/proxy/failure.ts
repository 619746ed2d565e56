import { errorResponse, type HttpResponse } from '@pawl/http';

/** Why the proxy ended an exchange early. */
export type EndReason =
  | 'client_gone'
  | 'client_timeout'
  | 'too_many_requests'
  | 'busy'
  | 'timeout'
  | 'session_ended'
  | 'token_expired'
  | 'step_up_ended'
  | 'store_failed'
  | 'body_too_large'
  | 'response_too_large'
  | 'proxy_closed';

/** The proxy itself ended an exchange. */
export class ExchangeEnded extends Error {
  override readonly name = 'ExchangeEnded';
  readonly code: EndReason;

  constructor(code: EndReason) {
    super(`the exchange was ended: ${code}`);
    this.code = code;
  }
}

/** The API failed, or the connection to it did. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code: string;

  constructor(cause: unknown) {
    super('the API failed', { cause });
    this.code = reasonOf(cause);
  }
}

const errorBody = (status: number, error: string, message: string): HttpResponse => ({
  status,
  headers: {
    'cache-control': 'no-store',
    pragma: 'no-cache',
    ...((status === 503 || status === 429) && { 'retry-after': '1' }),
  },
  cookies: [],
  body: { error, message },
});

export const invalidRequest: HttpResponse = errorBody(
  400,
  'invalid_request',
  'the request is invalid',
);
const badGateway: HttpResponse = errorBody(502, 'bad_gateway', 'the API cannot be reached');
const gatewayTimeout: HttpResponse = errorBody(
  504,
  'gateway_timeout',
  'the API did not respond in time',
);
/** The API demands another proof or token, and the request body cannot be sent again. */
export const retryLater: HttpResponse = errorBody(503, 'retry', 'send the request again');

/** The response to a handshake that the API refused. It has the API's status, and nothing else of it. */
export const handshakeRefusal = (status: number): HttpResponse =>
  status >= 400 && status < 500
    ? errorBody(status, 'upstream_refused', 'the API refused the request')
    : badGateway;

export const methodNotAllowed = (allow: string): HttpResponse => {
  const response = errorBody(405, 'method_not_allowed', 'the method is not allowed');
  return { ...response, headers: { ...response.headers, allow } };
};

const payloadTooLarge = errorBody(413, 'payload_too_large', 'the body is too large');
const sessionRevoked = errorBody(401, 'session_revoked', 'the session has ended');

const responses: Readonly<Record<EndReason, HttpResponse>> = {
  client_gone: badGateway,
  client_timeout: errorBody(408, 'request_timeout', 'the request did not arrive in time'),
  too_many_requests: errorBody(429, 'too_many_requests', 'too many requests at once'),
  busy: errorBody(503, 'unavailable', 'the API has too many requests at the moment'),
  timeout: gatewayTimeout,
  session_ended: sessionRevoked,
  token_expired: retryLater,
  step_up_ended: errorBody(401, 'step_up_required', 'a fresh authentication is required'),
  // The session may still be valid, so this is not a 401.
  store_failed: errorBody(503, 'unavailable', 'the session cannot be checked'),
  body_too_large: payloadTooLarge,
  response_too_large: badGateway,
  proxy_closed: errorBody(503, 'unavailable', 'the service is shutting down'),
};

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

/** Returns the code of an error. Never the message, which may quote what was sent. */
export const reasonOf = (error: unknown): string => {
  const code: unknown = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
};

/**
 * Returns the response to an exchange that failed before any part of the API's response was sent
 * on; undefined if the error is neither a failure of the API nor an end.
 */
export const failureResponse = (error: unknown): HttpResponse | undefined => {
  if (error instanceof ExchangeEnded) return responses[error.code];
  if (!(error instanceof UpstreamError)) return undefined;
  return timeouts.has(error.code) ? gatewayTimeout : badGateway;
};

/** Returns the response to an error of Pawl. @throws the error itself if HTTP has no response for it */
export const refusalFor = (error: unknown): HttpResponse => {
  const response = errorResponse(error);
  if (!response) throw error;
  return response;
};
