import { defaultCrypto } from '#crypto';
import type { ClaimsInput } from '../claims-input.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { ConfigurationError, TokenInvalidError, TokenRevokedError } from '../errors.ts';
import type { JsonWebKeySet } from '../jwt/jwks.ts';
import { createKeyRing, type RootSecret } from '../keys/key-ring.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import type { Optional } from '../optional.ts';
import { type RandomBytes, systemRandom } from '../random.ts';
import type { SessionAttributes } from '../session/attributes.ts';
import { type Auth, VerifiedAuth } from '../session/auth.ts';
import { validateLifetime, validateUserId, writeClaims } from '../session/input.ts';
import {
  type BlocklistChecker,
  type BlocklistRevoker,
  validateBlocklist,
} from '../store/blocklist-store.ts';
import { callStore } from '../store/call.ts';
import type { AccessTokenFormat } from './format.ts';
import { createExactClock, issueTimeOf, tokenIdAt } from './issue-time.ts';

/** Options of {@link createAccessTokens}. `format` and `secrets` are required. */
export interface AccessTokensOptions {
  /** The result of `jwtAccessTokens`: without sessions, a token must contain everything itself. */
  readonly format: AccessTokenFormat;
  /** The root secrets, newest first. */
  readonly secrets: readonly RootSecret[];
  /**
   * In ms, from 1,000 to a century. Default 600,000. A token cannot be prolonged; without a
   * blocklist it cannot be revoked either.
   */
  readonly lifetime?: number | undefined;
  /**
   * An adapter's store, or anything with its `blocklist` part. If given, every check asks it, and
   * a token without a `jti` is refused.
   */
  readonly blocklist?: { readonly blocklist: BlocklistChecker } | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: RandomBytes | undefined;
  readonly crypto?: CryptoProvider | undefined;
}

interface AccessTokenDetails extends Optional<Omit<SessionAttributes, 'device'>> {
  /** 1 to 255 characters. */
  readonly userId: string;
  /** In ms: shorter than the configured one. */
  readonly lifetime?: number | undefined;
}

/** An access token without a session. `claims` is required where its type has a required member. */
export type AccessTokenInput<Claims> = AccessTokenDetails & ClaimsInput<Claims>;

/** Access tokens alone: no session, no refresh token, and nothing stored at login. */
export interface AccessTokens<Claims> {
  /**
   * Issues a token. `expiresAt` is in ms since the epoch.
   * @throws InvalidInputError
   */
  issue(
    request: AccessTokenInput<Claims>,
  ): Promise<{ readonly accessToken: string; readonly expiresAt: number }>;
  /**
   * Verifies a token, and asks the blocklist if there is one for its `jti` and for its session id
   * (`sid`) if it has one. A session id has no other effect.
   * @throws TokenInvalidError, TokenExpiredError, TokenRevokedError, StoreUnavailableError
   */
  verify(accessToken: string): Promise<Auth<Claims, never, 'sessionless'>>;
  /**
   * Lists a token, which may have expired, on the blocklist of a store until it has expired for
   * every verifier.
   * @throws TokenInvalidError for a token that was not issued here or has no `jti`,
   *   StoreUnavailableError
   */
  revoke(accessToken: string, store: { readonly blocklist: BlocklistRevoker }): Promise<void>;
  /**
   * Revokes all tokens of a user that were issued before the call, on every node: after a password
   * reset, say. Tokens that are issued later are valid. The blocklist of the options keeps one time
   * per user until the last of these tokens has expired, and a check reads it together with the ids.
   * The nodes' clocks decide about what was before: keep them in step (NTP).
   * @throws InvalidInputError, StoreUnavailableError, ConfigurationError unless the option
   *   `blocklist` has `revokeBefore`
   */
  revokeAll(userId: string): Promise<void>;
  /** The public keys, for `/.well-known/jwks.json`. */
  jwks(): Promise<JsonWebKeySet>;
}

const optionNames: OptionNames<AccessTokensOptions> = {
  format: 1,
  secrets: 1,
  lifetime: 1,
  blocklist: 1,
  clock: 1,
  random: 1,
  crypto: 1,
};

/** In ms: tokens count in seconds. */
const minLifetime = 1_000;
const maxLifetime = 36_525 * 86_400_000;

/** In ms: the largest difference between two clocks that is allowed for. */
const blocklistMargin = 120_000;

/**
 * Creates access tokens for a service without sessions.
 *
 * @example
 * ```ts
 * const accessTokens = createAccessTokens({
 *   format: jwtAccessTokens({ issuer: 'https://a.example', audience: 'https://api.example' }),
 *   secrets: [process.env.PAWL_SECRET],
 *   blocklist: store,
 * });
 * const { accessToken } = await accessTokens.issue({ userId: 'ada' });
 * const { userId } = await accessTokens.verify(accessToken);
 * await accessTokens.revoke(accessToken, store);
 * ```
 *
 * @throws ConfigurationError, naming the option.
 */
export const createAccessTokens = <Claims extends object = Record<string, unknown>>(
  options: AccessTokensOptions,
): AccessTokens<Claims> => {
  assertOptions(options, optionNames);
  const { clock = systemClock, random = systemRandom, crypto = defaultCrypto } = options;
  const { lifetime = 600_000 } = options;
  const blocklist = validateBlocklist(options.blocklist);
  if (!(lifetime >= minLifetime && lifetime <= maxLifetime)) {
    throw new ConfigurationError('lifetime', 'must be from 1,000 ms to a century');
  }
  const keys = createKeyRing(options.secrets ?? [], { crypto });
  const codec = options.format({ keys, clock, crypto });
  if (codec.opaque) throw new ConfigurationError('format', 'opaque tokens need sessions');
  const exactTime = createExactClock(clock);

  return {
    issue: async ({ userId, claims, lifetime: own, ...details }) => {
      validateUserId(userId);
      const now = clock();
      const issuedAt = Math.floor(now / 1_000);
      const granted = validateLifetime('lifetime', own, lifetime, minLifetime - 1);
      const expiresAt = Math.floor((now + granted) / 1_000);
      const accessToken = await codec.issue({
        ...details,
        userId,
        claims: writeClaims(claims ?? {}),
        issuedAt,
        expiresAt,
        jti: tokenIdAt(exactTime(), random),
        authTime: Math.floor((details.authTime ?? now) / 1_000),
      });
      return { accessToken, expiresAt: expiresAt * 1_000 };
    },

    verify: async (accessToken) => {
      const token = await codec.read(typeof accessToken === 'string' ? accessToken : '');
      if (token.userId === null) throw new TokenInvalidError('no_id');
      if (blocklist) {
        const { tokenId, sessionId } = token;
        if (tokenId === null && !token.isLegacy) throw new TokenInvalidError('no_id');
        // A session that was revoked elsewhere revokes its tokens.
        const ids = [tokenId, sessionId].filter((id) => id !== null);
        const origin = blocklist.revokeBefore && {
          subject: token.userId,
          issuedAt: issueTimeOf(tokenId ?? '', token.registered?.iat ?? 0),
        };
        if (await callStore(() => blocklist.isRevoked(ids, origin))) throw new TokenRevokedError();
      }
      const auth = new VerifiedAuth<Claims, never>(
        { ...token, sessionId: null },
        token.userId,
        null,
      );
      return auth as Auth<Claims, never, 'sessionless'>;
    },

    revoke: async (accessToken, { blocklist: revoker }) => {
      const { tokenId, expiresAt } = await codec.readIgnoringTime(accessToken);
      if (tokenId === null) throw new TokenInvalidError('no_id');
      await callStore(() => revoker.revoke(tokenId, expiresAt + blocklistMargin));
    },

    revokeAll: async (userId) => {
      validateUserId(userId);
      if (typeof blocklist?.revokeBefore !== 'function') {
        throw new ConfigurationError('blocklist', 'needs a store whose blocklist has revokeBefore');
      }
      const time = exactTime();
      // Tokens of an earlier deployment may live longer than those of this one.
      const last = Math.max(Math.floor(time / 1_000) + lifetime, codec.legacyUntil ?? 0);
      const expiresAt = last + blocklistMargin;
      await callStore(async () => blocklist.revokeBefore?.(userId, time, expiresAt));
    },

    jwks: () => codec.jwks(),
  };
};
