import { InvalidInputError } from '@pawl/core/store';

/** What a token endpoint answers (RFC 6749 § 5.1), and what every binding of Pawl answers. */
export interface TokenResponse {
  readonly access_token: string;
  /** In seconds. Left out: the access token is used until it is refused. */
  readonly expires_in?: number;
  /** Left out in the answer to a refresh: the one before stays good. */
  readonly refresh_token?: string;
  /** In seconds, where the server says so: after that the login is over. */
  readonly refresh_token_expires_in?: number;
}

/** The tokens as they are kept. Times in ms since the epoch, on this machine's clock. */
export interface KeptTokens<Data> {
  readonly accessToken: string;
  /** When we asked for them: lifetimes count from there, so that a slow answer does no harm. */
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
 * Checks an answer that may be anything.
 *
 * @param before what it replaces: a refresh token is never overwritten by nothing
 * @throws InvalidInputError, which quotes nothing
 */
export const keepTokens = <Data>(
  response: TokenResponse,
  receivedAt: number,
  data: Data,
  before?: KeptTokens<Data>,
): KeptTokens<Data> => {
  const answer: Partial<Record<keyof TokenResponse, unknown>> = response ?? {};
  const { access_token: accessToken, refresh_token: refreshToken } = answer;
  if (!isToken(accessToken)) {
    throw new InvalidInputError('tokens', 'there is no access_token in them');
  }
  if (refreshToken !== undefined && !isToken(refreshToken)) {
    throw new InvalidInputError('tokens', 'the refresh_token is no text');
  }
  const end = (name: 'expires_in' | 'refresh_token_expires_in'): number | null => {
    const seconds = answer[name];
    if (seconds === undefined) return null;
    if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) {
      throw new InvalidInputError('tokens', `${name} is no number of seconds`);
    }
    return receivedAt + seconds * 1_000;
  };
  return {
    accessToken,
    receivedAt,
    accessTokenExpiresAt: end('expires_in'),
    refreshToken: refreshToken ?? before?.refreshToken ?? null,
    refreshTokenExpiresAt:
      end('refresh_token_expires_in') ??
      (refreshToken ? null : (before?.refreshTokenExpiresAt ?? null)),
    data,
  };
};

/** When nothing is left to be done with them. */
export const endOfLogin = (tokens: KeptTokens<unknown>): number | null =>
  tokens.refreshToken === null ? tokens.accessTokenExpiresAt : tokens.refreshTokenExpiresAt;
