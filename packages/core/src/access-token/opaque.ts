import { TokenExpiredError, TokenInvalidError } from '../errors.ts';
import type { RootKey } from '../keys/key-ring.ts';
import { createSegmentedLru } from '../segmented-lru.ts';
import { decodeToken } from '../token/decode.ts';
import { deriveAccessToken, kidOf } from '../token/derive.ts';
import { printToken } from '../token/encode.ts';
import { hashAccessToken } from '../token/hash.ts';
import { validatePrefix } from '../token/prefix.ts';
import type { AccessTokenContent, AccessTokenFormat } from './format.ts';

export interface OpaqueAccessTokenOptions {
  /** What tokens begin with, so that secret scanners find leaked ones. Default `pawl_at_`. */
  readonly prefix?: string | undefined;
}

/**
 * Access tokens that mean nothing without the session record: 104 characters
 * after the prefix, checked against the store at every use.
 */
export const opaqueAccessTokens =
  (options: OpaqueAccessTokenOptions = {}): AccessTokenFormat =>
  ({ keys, clock, crypto }) => {
    const prefix = validatePrefix('prefix', options.prefix ?? 'pawl_at_');
    /**
     * Tokens that are ours, which costs several times a hash to tell; whether they are still
     * good is asked each time. By hash: a heap dump shows no token.
     */
    const checked = createSegmentedLru<AccessTokenContent>(10_000);
    // A token that was issued is of a root that was known then: so it is now.
    const rootOf = (refreshToken: Uint8Array): RootKey =>
      keys.find(kidOf(refreshToken)) ?? keys.active;

    const readIgnoringTime = (token: string): AccessTokenContent => {
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
        // Nobody without sessions gets here: `createAccessTokens` takes no opaque tokens.
        const { refreshToken } = session as NonNullable<typeof session>;
        return printToken(deriveAccessToken(refreshToken, expiresAt, rootOf(refreshToken)), prefix);
      },
      hashFor: (refreshToken) =>
        hashAccessToken(deriveAccessToken(refreshToken, 0, rootOf(refreshToken)), crypto),
      read: (token) => {
        // What is longer is refused unhashed.
        const key = token.length < 256 ? crypto.sha256Key(token) : '';
        const known = checked.get(key);
        const access = known ?? readIgnoringTime(token);
        if (clock() >= access.expiresAt) throw new TokenExpiredError();
        if (!known) checked.set(key, access);
        return access;
      },
      readIgnoringTime,
      jwks: async () => ({ keys: [] }),
    };
  };
