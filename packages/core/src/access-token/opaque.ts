import { ConfigurationError, TokenExpiredError, TokenInvalidError } from '../errors.ts';
import type { RootKey } from '../keys/key-ring.ts';
import { decodeToken } from '../token/decode.ts';
import { deriveAccessToken, kidOf } from '../token/derive.ts';
import { printToken } from '../token/encode.ts';
import { hashAccessToken } from '../token/hash.ts';
import { checkedPrefix } from '../token/prefix.ts';
import type { AccessToken, AccessTokenFormat } from './format.ts';

export interface OpaqueAccessTokenOptions {
  /** What tokens begin with, so that secret scanners find leaked ones. Default `pawl_at_`. */
  readonly prefix?: string;
}

/**
 * Access tokens that mean nothing without the session record: 104 characters
 * after the prefix, checked against the store at every use.
 */
export const opaqueAccessTokens =
  (options: OpaqueAccessTokenOptions = {}): AccessTokenFormat =>
  ({ keys, clock, crypto }) => {
    const prefix = checkedPrefix('prefix', options.prefix ?? 'pawl_at_');
    // A token that was issued is of a root that was known then: so it is now.
    const rootOf = (refreshToken: Uint8Array): RootKey =>
      keys.find(kidOf(refreshToken)) ?? keys.active;

    const readIgnoringTime = (token: string): AccessToken => {
      const decoded = decodeToken(token, 'access', prefix, keys);
      if (typeof decoded === 'string') throw new TokenInvalidError(decoded);
      return {
        sessionId: decoded.id,
        generation: decoded.generation,
        userId: null,
        tokenId: null,
        expiresAt: decoded.expiry * 1_000,
        hash: hashAccessToken(decoded.bytes, crypto),
        claims: null,
        registered: null,
      };
    };

    return {
      opaque: true,
      issue: ({ session, expiresAt }) => {
        if (!session) throw new ConfigurationError('format', 'opaque tokens need sessions');
        const { refreshToken } = session;
        return printToken(deriveAccessToken(refreshToken, expiresAt, rootOf(refreshToken)), prefix);
      },
      hashFor: (refreshToken) =>
        hashAccessToken(deriveAccessToken(refreshToken, 0, rootOf(refreshToken)), crypto),
      read: (token) => {
        const access = readIgnoringTime(token);
        if (clock() >= access.expiresAt) throw new TokenExpiredError();
        return access;
      },
      readIgnoringTime,
      jwks: async () => ({ keys: [] }),
    };
  };
