import type { AccessGrant } from '../access-token/format.ts';
import type { GenerationRecord } from '../store/session-record.ts';
import { encodeTriples } from '../token/base64url.ts';
import { deriveAccessSeed, expiryOfToken, generationOf, kidOf } from '../token/derive.ts';
import { encodeToken, printToken } from '../token/encode.ts';
import { hashToken } from '../token/hash.ts';
import type { SessionAttributes } from './attributes.ts';
import type { AnySessionSettings } from './settings.ts';

/** What a client gets. Keep it out of logs: both tokens are credentials. */
export interface IssuedTokens {
  /** The public handle of the session: no credential. */
  readonly sessionId: string;
  readonly userId: string;
  readonly accessToken: string;
  /** `DPoP` where the session is bound to a key (RFC 9449 § 5). */
  readonly tokenType: 'Bearer' | 'DPoP';
  /** In ms since the epoch. */
  readonly accessTokenExpiresAt: number;
  readonly refreshToken: string;
  /** In ms since the epoch: the session's absolute expiry, which no rotation moves. */
  readonly refreshTokenExpiresAt: number;
  /**
   * `created` and `elevated`: new; `rotated`: a new pair for a consumed token;
   * `settled` and `replayed`: the pair that was answered before.
   */
  readonly outcome: 'created' | 'elevated' | 'rotated' | 'settled' | 'replayed';
}

/** A refresh token that descends from no other: of a login, or of a step-up. */
export const freshRefreshToken = (
  settings: AnySessionSettings,
  id: Uint8Array,
  generation: number,
  expiry: number,
  { jkt }: Pick<SessionAttributes, 'jkt'>,
): Uint8Array =>
  encodeToken(
    {
      type: jkt === undefined ? 'refresh' : 'boundRefresh',
      id,
      generation,
      expiry,
      secret: settings.random(32),
    },
    settings.keys.active,
  );

/** What the store is to keep of a refresh token. */
export const generationRecordOf = (
  settings: AnySessionSettings,
  refreshToken: Uint8Array,
  salt: Uint8Array,
): GenerationRecord => ({
  tokenHash: hashToken(refreshToken, settings.crypto),
  salt,
  kid: kidOf(refreshToken),
  issuedAt: Math.floor(settings.clock() / 1_000),
  accessHash: settings.accessTokens.hashFor(refreshToken),
});

/** What the tokens of one generation are made of. */
export interface IssueInput {
  readonly userId: string;
  readonly sessionId: string;
  readonly refreshToken: Uint8Array;
  readonly attributes: SessionAttributes;
  /** The application's claims, as JSON. */
  readonly claims: string;
  /** Whole seconds on the application's clock. */
  readonly issuedAt: number;
  /** In ms: no access token lives longer, however it is timed. */
  readonly notAfter?: number | undefined;
  readonly outcome: IssuedTokens['outcome'];
}

/** When the access token of a generation expires, in whole seconds: shortened by its jitter. */
const accessExpiry = (
  { times }: AnySessionSettings,
  { refreshToken, issuedAt, notAfter = Infinity }: IssueInput,
  jitter: number,
): number => {
  const lifetime = times.accessTokenLifetime * (1 - times.accessTokenJitter * jitter);
  return Math.min(
    Math.floor(issuedAt + lifetime / 1_000),
    expiryOfToken(refreshToken),
    Math.floor(notAfter / 1_000),
  );
};

/**
 * Writes the pair of a generation down. For the same request it gives the very
 * same pair, on every node (but for ES256, whose signatures differ each time).
 */
export const issueTokens = async (
  settings: AnySessionSettings,
  request: IssueInput,
): Promise<IssuedTokens> => {
  const { refreshToken, sessionId, userId, attributes, issuedAt, outcome } = request;
  const root = settings.keys.find(kidOf(refreshToken)) ?? settings.keys.active;
  const seed = deriveAccessSeed(refreshToken, root);
  const expiresAt = accessExpiry(settings, request, seed.jitter);
  const { device: _, authTime, ...details } = attributes;
  const grant: AccessGrant = {
    ...details,
    userId,
    session: { sessionId, generation: generationOf(refreshToken), refreshToken },
    issuedAt,
    expiresAt,
    jti: encodeTriples(seed.jti),
    claims: request.claims,
    authTime: Math.floor(authTime / 1_000),
  };
  return {
    sessionId,
    userId,
    accessToken: await settings.accessTokens.issue(grant),
    tokenType: attributes.jkt === undefined ? 'Bearer' : 'DPoP',
    accessTokenExpiresAt: expiresAt * 1_000,
    refreshToken: printToken(refreshToken, settings.refreshTokenPrefix),
    refreshTokenExpiresAt: expiryOfToken(refreshToken) * 1_000,
    outcome,
  };
};
