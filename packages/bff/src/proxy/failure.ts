import type { HttpResponse } from '@pawl/http';

/** Why an exchange ended before its time. */
export type EndReason =
  | 'client_gone'
  | 'timeout'
  | 'session_ended'
  | 'store_failed'
  | 'body_too_large'
  | 'response_too_large'
  | 'proxy_closed';

/** An exchange that the proxy itself has ended. */
export class ExchangeEnded extends Error {
  readonly code: EndReason;

  constructor(code: EndReason) {
    super(`the exchange was ended: ${code}`);
    this.code = code;
  }
}

/** What went wrong at the API, or on the way there. */
export class UpstreamError extends Error {
  readonly code: string;

  constructor(cause: unknown) {
    super('the API failed', { cause });
    this.code = reasonOf(cause);
  }
}

const answer = (status: number, error: string, message: string): HttpResponse => ({
  status,
  headers: {
    'cache-control': 'no-store',
    pragma: 'no-cache',
    ...(status === 503 && { 'retry-after': '1' }),
  },
  cookies: [],
  body: { error, message },
});

export const invalidRequest: HttpResponse = answer(
  400,
  'invalid_request',
  'the request is not valid',
);
const badGateway: HttpResponse = answer(502, 'bad_gateway', 'the API cannot be reached');
const gatewayTimeout: HttpResponse = answer(
  504,
  'gateway_timeout',
  'the API did not answer in time',
);
/** The API wanted another proof or token, and what was sent up cannot be sent again. */
export const tryAgain: HttpResponse = answer(503, 'retry', 'the API asked for another try');

/** The API's no to a handshake: its status, and nothing else of it. */
export const refusedByApi = (status: number): HttpResponse =>
  status >= 400 && status < 500
    ? answer(status, 'upstream_refused', 'the API refused the request')
    : badGateway;

export const methodNotAllowed = (allow: string): HttpResponse => {
  const refused = answer(405, 'method_not_allowed', 'the method is not allowed here');
  return { ...refused, headers: { ...refused.headers, allow } };
};

const payloadTooLarge = answer(413, 'payload_too_large', 'the body is too large');
const sessionRevoked = answer(401, 'session_revoked', 'the session was ended');

const ended: Readonly<Record<EndReason, HttpResponse>> = {
  client_gone: badGateway,
  timeout: gatewayTimeout,
  session_ended: sessionRevoked,
  // Nobody has logged out: whoever asks again may well be let in.
  store_failed: answer(503, 'unavailable', 'the session cannot be looked up'),
  body_too_large: payloadTooLarge,
  response_too_large: badGateway,
  proxy_closed: answer(503, 'unavailable', 'the service is about to stop'),
};

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

/** The word for a failure: a code, never a message, which could quote what was sent. */
export const reasonOf = (error: unknown): string => {
  const code: unknown = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
};

/**
 * The answer to an exchange that failed before anything of the API's answer was sent on;
 * undefined for an error that is no failure of the API, nor an end.
 */
export const failureResponse = (error: unknown): HttpResponse | undefined => {
  if (error instanceof ExchangeEnded) return ended[error.code];
  if (!(error instanceof UpstreamError)) return undefined;
  return timeouts.has(error.code) ? gatewayTimeout : badGateway;
};
