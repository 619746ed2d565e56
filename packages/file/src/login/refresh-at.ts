import { ConfigurationError } from '@pawl/core';
import { isLoopback } from '@pawl/core/internal';
import type { TokenResponse } from './token-response.ts';

/**
 * Exchanges a refresh token for the next pair of tokens. It resolves to null only if the server
 * said that the login has ended, and rejects for anything else, such as a server that is down.
 */
export type Refresh = (refreshToken: string, signal: AbortSignal) => Promise<TokenResponse | null>;

/**
 * Thrown when the server neither returned new tokens nor said that the login has ended, and the
 * current access token is not valid any more. The login is kept: try again later.
 */
export class RefreshFailedError extends Error {
  override readonly name = 'RefreshFailedError';
  /** The HTTP status, if there was a response. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/**
 * Returns a function that refreshes at a route of Pawl: it sends `POST` with
 * `{"refresh_token": …}`. Only the responses 401, and 400 with `invalid_grant`, end the login.
 * Redirects are not followed.
 *
 * @example
 * ```ts
 * const login = createSingleLogin({
 *   app: 'acme',
 *   refresh: refreshAt('https://api.example.com/refresh'),
 * });
 * ```
 *
 * @param request sends the request; default: the global `fetch`
 * @throws ConfigurationError if the address is neither https nor on this machine
 */
export const refreshAt = (address: string | URL, request: typeof fetch = fetch): Refresh => {
  const url = validateAddress(address);
  return async (refreshToken, signal) => {
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ refresh_token: refreshToken }),
      redirect: 'error',
      signal,
    });
    const body = await readJson(response);
    if (response.ok) {
      if (body === null) throw new RefreshFailedError('the response is not JSON', response.status);
      // Validated before it is stored.
      return body as unknown as TokenResponse;
    }
    const { status } = response;
    if (status === 401 || (status === 400 && body?.['error'] === 'invalid_grant')) return null;
    throw new RefreshFailedError(`the server responded with ${status} to a refresh`, status);
  };
};

const validateAddress = (address: string | URL): URL => {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new ConfigurationError('address', 'must be a URL');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new ConfigurationError('address', 'must be https, or http on localhost');
  }
  return url;
};

/** The parser's error is dropped, because it would quote the tokens. */
const readJson = async (response: Response): Promise<Record<string, unknown> | null> => {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};
