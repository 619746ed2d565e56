import type { Clock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import type { JsonWebKeySet } from '../jwt/jwks.ts';
import type { JwtPayload } from '../jwt/payload.ts';
import type { KeyRing } from '../keys/key-ring.ts';

/** What an access token is to say. Times in whole seconds, as in a JWT. */
export interface AccessGrant {
  readonly userId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly jti: string;
  /** What the token belongs to; absent where there are no sessions. */
  readonly session?: {
    readonly sessionId: string;
    readonly generation: number;
    /** The refresh token of the same generation, which an opaque one is derived from. */
    readonly refreshToken: Uint8Array;
  };
  /** The application's claims, as JSON. */
  readonly claims: string;
  readonly authTime: number;
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  readonly clientId?: string | undefined;
  readonly scope?: string | undefined;
  readonly actor?: string | undefined;
  readonly organizationId?: string | undefined;
  /** The thumbprint of the key that the token is bound to (RFC 9449 § 6). */
  readonly jkt?: string | undefined;
}

/** What an access token says of itself, once its signature or tag has been checked. */
export interface AccessTokenContent {
  readonly sessionId: string | null;
  readonly generation: number | null;
  /** A JWT names its user; an opaque token leaves that to the session. */
  readonly userId: string | null;
  /** The `jti` of a JWT. */
  readonly tokenId: string | null;
  /** In ms since the epoch. */
  readonly expiresAt: number;
  /** Opaque tokens: what the session record must hold. */
  readonly hash: Uint8Array | null;
  /** JWT: the application's claims, frozen. */
  readonly claims: Readonly<Record<string, unknown>> | null;
  /** JWT: all claims, frozen. */
  readonly registered: JwtPayload | null;
}

/** One way to write access tokens down. */
export interface AccessTokenCodec {
  /** Whether a token means nothing without the session record. */
  readonly opaque: boolean;
  issue(grant: AccessGrant): string | Promise<string>;
  /** What the session record keeps of the access token of this refresh token's generation. */
  hashFor(refreshToken: Uint8Array): Uint8Array | null;
  /**
   * Checks a token without any store.
   * @throws TokenInvalidError, TokenExpiredError
   */
  read(token: string): AccessTokenContent | Promise<AccessTokenContent>;
  /**
   * The same, with time ignored: for a logout.
   * @throws TokenInvalidError
   */
  readIgnoringTime(token: string): AccessTokenContent | Promise<AccessTokenContent>;
  /** The public keys, for `/.well-known/jwks.json`; empty where there are none to publish. */
  jwks(): Promise<JsonWebKeySet>;
}

/** What a format is set up with. */
export interface AccessTokenSettings {
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
}

/** A choice of format: {@link opaqueAccessTokens} or {@link jwtAccessTokens}. */
export type AccessTokenFormat = (settings: AccessTokenSettings) => AccessTokenCodec;
