import { InvalidInputError } from '@pawl/core';

/** The response of a token endpoint (RFC 6749 § 5.1), and of the login and refresh routes of Pawl. */
export interface TokenResponse {
  readonly access_token: string;
  /**
   * In seconds. Without it the access token is used until the server refuses it. Without any
   * lifetime at all the login ends after `defaultLifetime`.
   */
  readonly expires_in?: number | undefined;
  /** Without it in the response to a refresh, the previous refresh token is kept. */
  readonly refresh_token?: string | undefined;
  /**
   * In seconds: the login expires after this time. Without it a login with a refresh token and
   * `expires_in` does not expire.
   */
  readonly refresh_token_expires_in?: number | undefined;
}

/** The tokens as they are stored. Times are in ms since the epoch, on this machine's clock. */
export interface StoredTokens<Data> {
  readonly accessToken: string;
  /** When the tokens were requested. Lifetimes count from then, so that a slow response is safe. */
  readonly receivedAt: number;
  readonly accessTokenExpiresAt: number | null;
  readonly refreshToken: string | null;
  readonly refreshTokenExpiresAt: number | null;
  readonly data: Data;
}

const maxTokenLength = 65_536;

const isToken = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= maxTokenLength;

/**
 * Validates a token response, and converts it to what is stored.
 *
 * @param previous the tokens that it replaces: a missing refresh token is taken from them
 * @throws InvalidInputError, whose message contains no part of the response
 */
export const toStoredTokens = <Data>(
  response: TokenResponse,
  receivedAt: number,
  data: Data,
  previous?: StoredTokens<Data>,
): StoredTokens<Data> => {
  const body: Partial<Record<keyof TokenResponse, unknown>> = response ?? {};
  const { access_token: accessToken, refresh_token: refreshToken } = body;
  if (!isToken(accessToken)) {
    throw new InvalidInputError('tokens', 'access_token is missing or invalid');
  }
  if (refreshToken !== undefined && !isToken(refreshToken)) {
    throw new InvalidInputError('tokens', 'refresh_token must be a string');
  }
  const expiryOf = (name: 'expires_in' | 'refresh_token_expires_in'): number | null => {
    const seconds = body[name];
    if (seconds === undefined) return null;
    if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) {
      throw new InvalidInputError('tokens', `${name} must be a number of seconds`);
    }
    return receivedAt + seconds * 1_000;
  };
  return {
    accessToken,
    receivedAt,
    accessTokenExpiresAt: expiryOf('expires_in'),
    refreshToken: refreshToken ?? previous?.refreshToken ?? null,
    refreshTokenExpiresAt:
      expiryOf('refresh_token_expires_in') ??
      (refreshToken ? null : (previous?.refreshTokenExpiresAt ?? null)),
    data,
  };
};

/**
 * Returns when the login ends, because neither token is valid any more; null: never.
 *
 * @param defaultLifetime in ms: how long a login lasts for which the server gives no lifetime
 */
export const endOfLogin = (
  { receivedAt, refreshToken, accessTokenExpiresAt, refreshTokenExpiresAt }: StoredTokens<unknown>,
  defaultLifetime: number,
): number | null => {
  const end = refreshToken === null ? accessTokenExpiresAt : refreshTokenExpiresAt;
  if (end !== null || accessTokenExpiresAt !== null) return end;
  return defaultLifetime === Infinity ? null : receivedAt + defaultLifetime;
};
