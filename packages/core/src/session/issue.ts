import type { AccessGrant } from '../access-token/format.ts';
import type { GenerationRecord } from '../store/session-record.ts';
import { encodeTriples } from '../token/base64url.ts';
import { deriveAccessSeed, expiryOfToken, generationOf, kidOf } from '../token/derive.ts';
import { encodeToken, printToken } from '../token/encode.ts';
import { hashToken } from '../token/hash.ts';
import type { SessionAttributes } from './attributes.ts';
import type { AnySessionSettings } from './settings.ts';

/** The tokens that a client receives. Do not log them: both are credentials. */
export interface IssuedTokens {
  /** The public handle of the session: not a credential. */
  readonly sessionId: string;
  readonly userId: string;
  readonly accessToken: string;
  /** `DPoP` if the session is bound to a key (RFC 9449 § 5). */
  readonly tokenType: 'Bearer' | 'DPoP';
  /** In ms since the epoch. */
  readonly accessTokenExpiresAt: number;
  readonly refreshToken: string;
  /** In ms since the epoch: the session's absolute expiry, which a rotation does not change. */
  readonly refreshTokenExpiresAt: number;
  /**
   * `created`, `elevated`: the first pair of a session, or of a step-up; `rotated`: a new pair, the
   * presented token is consumed; `settled`, `replayed`: the same pair as an earlier call returned.
   */
  readonly outcome: 'created' | 'elevated' | 'rotated' | 'settled' | 'replayed';
}

/** Returns a refresh token that is not derived from another one: for a login or a step-up. */
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

/** Returns what the store keeps of a refresh token. */
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

/** The input of the tokens of one generation. */
export interface IssueInput {
  readonly userId: string;
  readonly sessionId: string;
  readonly refreshToken: Uint8Array;
  readonly attributes: SessionAttributes;
  /** The application's claims, as JSON. */
  readonly claims: string;
  /** Whole seconds on the application's clock. */
  readonly issuedAt: number;
  /** In ms since the epoch: the latest expiry of the access token. */
  readonly notAfter?: number | undefined;
  readonly outcome: IssuedTokens['outcome'];
}

/** Returns when the access token of a generation expires, in whole seconds, jitter included. */
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
 * Issues the pair of a generation. The same input gives the same pair on every node (except with
 * ES256, whose signatures differ each time).
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
