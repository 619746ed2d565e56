import type { Auth, RevocationReason, SessionInput, Sessions, VerifyOptions } from '@pawl/core';
import type { AccessTokens } from '@pawl/core/jwt';

/** The tokens of a login. Without sessions there is only an access token. */
export interface LoginTokens {
  readonly sessionId: string | null;
  readonly userId: string;
  readonly accessToken: string;
  /** `DPoP` if the access token is bound to a key (RFC 9449 § 5). */
  readonly tokenType: 'Bearer' | 'DPoP';
  /** In ms since the epoch. */
  readonly accessTokenExpiresAt: number;
  readonly refreshToken: string | null;
  /** In ms since the epoch: the session's absolute expiry. */
  readonly refreshTokenExpiresAt: number | null;
}

/**
 * Creates, verifies and revokes what users present: sessions in a store, or access tokens without
 * sessions. Everything else in this package works with either.
 */
export interface Issuer<Claims, Data> {
  /** The sessions, or null without them. */
  readonly sessions: Sessions<Claims, Data> | null;
  /** Verifies an access token. @throws what `verify` of the core throws */
  verify(accessToken: string, options?: VerifyOptions): Promise<Auth<Claims, Data>>;
  /**
   * Creates the tokens of a login. @throws InvalidInputError, also for a field that requires
   * sessions
   */
  login(request: SessionInput<Claims, Data>): Promise<LoginTokens>;
  /** Revokes a login whose tokens were never sent. */
  withdraw(tokens: LoginTokens): Promise<void>;
  /**
   * Revokes the session of a token, or the token itself. The token may have expired.
   *
   * @param clientId revokes only if the session belongs to this client, or to none
   * @throws TokenInvalidError for a foreign token, StoreUnavailableError
   */
  revoke(token: string, reason: RevocationReason, clientId?: string): Promise<void>;
  /** Whether {@link revoke} has an effect. */
  readonly canRevoke: boolean;
  /** Returns the public keys of access tokens. */
  jwks(): ReturnType<AccessTokens<Claims>['jwks']>;
}
