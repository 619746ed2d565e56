import { ConfigurationError } from '@pawl/core/store';
import type { TokenResponse } from './token-response.ts';

/**
 * Exchanges a refresh token for the next pair. Resolves to null only where the server said
 * for good that the login is over; throws for anything else, such as a server that is down.
 */
export type Refresh = (refreshToken: string, signal: AbortSignal) => Promise<TokenResponse | null>;

/** The server neither gave new tokens nor said that the login is over. */
export class RefreshFailedError extends Error {
  override readonly name = 'RefreshFailedError';
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;

  constructor(problem: string, status?: number, options?: ErrorOptions) {
    super(problem, options);
    this.status = status;
  }
}

/**
 * Refreshes at a route of Pawl: `POST` of `{"refresh_token": …}`. An answer 401, or 400
 * `invalid_grant`, ends the login; nothing else does. Redirects are not followed.
 *
 * @throws ConfigurationError for an address that is neither https nor on this machine.
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
      if (body === null) throw new RefreshFailedError('the answer is not JSON', response.status);
      // What it lacks is found where it is kept.
      return body as unknown as TokenResponse;
    }
    const { status } = response;
    if (status === 401 || (status === 400 && body?.['error'] === 'invalid_grant')) return null;
    throw new RefreshFailedError(`the server answered ${status} to a refresh`, status);
  };
};

const local = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

const validateAddress = (address: string | URL): URL => {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new ConfigurationError('address', 'is not a URL');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local.test(url.hostname))) {
    throw new ConfigurationError('address', 'must be https, but on localhost');
  }
  return url;
};

/** The parser's error would quote the tokens. */
const readJson = async (response: Response): Promise<Record<string, unknown> | null> => {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};
