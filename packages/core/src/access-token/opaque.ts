import { TokenExpiredError, TokenInvalidError } from '../errors.ts';
import type { RootKey } from '../keys/key-ring.ts';
import { assertOptions } from '../option-names.ts';
import { createSegmentedLru } from '../segmented-lru.ts';
import { decodeToken } from '../token/decode.ts';
import { deriveAccessToken, kidOf } from '../token/derive.ts';
import { printToken } from '../token/encode.ts';
import { hashAccessToken } from '../token/hash.ts';
import { validatePrefix } from '../token/prefix.ts';
import type { AccessTokenContent, AccessTokenFormat } from './format.ts';

/** Options of {@link opaqueAccessTokens}. */
export interface OpaqueAccessTokenOptions {
  /** Prefix of every token, so that secret scanners find leaked ones. Default `pawl_at_`. */
  readonly prefix?: string | undefined;
}

/**
 * Returns the format for opaque access tokens: 104 characters after the prefix, compared with the
 * session record at every check. It is the default of `createSessions`.
 *
 * @example
 * ```ts
 * const sessions = createSessions({
 *   store,
 *   secrets: [process.env.PAWL_SECRET],
 *   accessToken: opaqueAccessTokens({ prefix: 'shop_at_' }),
 * });
 * ```
 *
 * @throws ConfigurationError for an invalid prefix (when the format is used).
 */
export const opaqueAccessTokens = (options: OpaqueAccessTokenOptions = {}): AccessTokenFormat => {
  assertOptions(options, { prefix: 1 });
  return ({ keys, clock, crypto }) => {
    const prefix = validatePrefix('prefix', options.prefix ?? 'pawl_at_');
    /**
     * Tokens whose tag was verified, which costs several hashes. Whether they are still valid is
     * checked each time. The keys are hashes, so that a heap dump contains no token.
     */
    const checked = createSegmentedLru<AccessTokenContent>(10_000);
    // The root was known when the refresh token was issued or verified.
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
        // There is always a session: `createAccessTokens` refuses opaque tokens.
        const { refreshToken } = session as NonNullable<typeof session>;
        return printToken(deriveAccessToken(refreshToken, expiresAt, rootOf(refreshToken)), prefix);
      },
      hashFor: (refreshToken) =>
        hashAccessToken(deriveAccessToken(refreshToken, 0, rootOf(refreshToken)), crypto),
      read: (token) => {
        // A longer string is refused without hashing it.
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
};
