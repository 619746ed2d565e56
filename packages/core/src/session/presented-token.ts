import { TokenExpiredError, TokenInvalidError } from '../errors.ts';
import { type DecodedToken, decodeToken } from '../token/decode.ts';
import type { AnySessionSettings } from './settings.ts';

/**
 * Validates a refresh token, or the session token of a cookie, without a store call, and returns its
 * content.
 *
 * @throws TokenInvalidError, TokenExpiredError
 */
export const readPresentedToken = (settings: AnySessionSettings, token: string): DecodedToken => {
  const { keys, refreshTokenPrefix, clock, emit } = settings;
  const decoded =
    typeof token === 'string'
      ? decodeToken(token, 'refresh', refreshTokenPrefix, keys)
      : 'malformed';
  if (typeof decoded === 'string') {
    emit({ type: 'token.refused', kind: 'refresh', reason: decoded });
    throw new TokenInvalidError(decoded);
  }
  if (clock() >= decoded.expiry * 1_000) {
    emit({ type: 'token.refused', kind: 'refresh', reason: 'outlived' });
    throw new TokenExpiredError();
  }
  return decoded;
};
