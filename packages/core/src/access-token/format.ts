import type { Clock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import type { JsonWebKeySet } from '../jwt/jwks.ts';
import type { JwtPayload } from '../jwt/payload.ts';
import type { KeyRing } from '../keys/key-ring.ts';

/** The content of an access token that is about to be issued. Times in whole seconds, as in a JWT. */
export interface AccessGrant {
  readonly userId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly jti: string;
  /** The session of the token; absent where there are no sessions. */
  readonly session?:
    | {
        readonly sessionId: string;
        readonly generation: number;
        /** The refresh token of the same generation, from which an opaque access token is derived. */
        readonly refreshToken: Uint8Array;
      }
    | undefined;
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

/** The content of an access token whose signature or tag has been verified. */
export interface AccessTokenContent {
  readonly sessionId: string | null;
  readonly generation: number | null;
  /** The `sub` of a JWT; null for an opaque token, whose session names the user. */
  readonly userId: string | null;
  /** The `jti` of a JWT. */
  readonly tokenId: string | null;
  /** In ms since the epoch. */
  readonly expiresAt: number;
  /** Opaque tokens: the hash that the session record must contain. */
  readonly hash: Uint8Array | null;
  /** JWT: the application's claims, frozen. */
  readonly claims: Readonly<Record<string, unknown>> | null;
  /** JWT: all claims, frozen. */
  readonly registered: JwtPayload | null;
  /** JWT: present on a token of an earlier deployment, which has no session. */
  readonly isLegacy?: true | undefined;
}

/** Issues and reads access tokens of one format. */
export interface AccessTokenCodec {
  /** Whether every check of a token needs the session record. */
  readonly opaque: boolean;
  /** In ms since the epoch: until when tokens of an earlier deployment are accepted, if they are. */
  readonly legacyUntil?: number | undefined;
  issue(grant: AccessGrant): string | Promise<string>;
  /** Returns the hash that the session record keeps of this generation's access token, or null. */
  hashFor(refreshToken: Uint8Array): Uint8Array | null;
  /**
   * Verifies a token without a store call.
   * @throws TokenInvalidError, TokenExpiredError
   */
  read(token: string): AccessTokenContent | Promise<AccessTokenContent>;
  /**
   * Verifies a token, expired ones too: for a logout.
   * @throws TokenInvalidError
   */
  readIgnoringTime(token: string): AccessTokenContent | Promise<AccessTokenContent>;
  /** The public keys, for `/.well-known/jwks.json`; empty where there are none to publish. */
  jwks(): Promise<JsonWebKeySet>;
}

/** What `createSessions` passes to an access-token format. */
export interface AccessTokenSettings {
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
}

/** An access-token format: the result of `opaqueAccessTokens` or `jwtAccessTokens`. */
export type AccessTokenFormat = (settings: AccessTokenSettings) => AccessTokenCodec;
