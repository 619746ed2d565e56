import type { Auth, RevocationReason, SessionInput, Sessions, VerifyOptions } from '@pawl/core';
import type { AccessTokens } from '@pawl/core/jwt';

/** What a login has handed out. Without sessions there is an access token and nothing else. */
export interface LoginTokens {
  readonly sessionId: string | null;
  readonly userId: string;
  readonly accessToken: string;
  /** `DPoP` where it is bound to a key (RFC 9449 § 5). */
  readonly tokenType: 'Bearer' | 'DPoP';
  /** In ms since the epoch. */
  readonly accessTokenExpiresAt: number;
  readonly refreshToken: string | null;
  /** In ms since the epoch: the session's absolute expiry. */
  readonly refreshTokenExpiresAt: number | null;
}

/**
 * Who logs users in, verifies what they present and ends it: sessions in a
 * store, or access tokens alone. Everything here works over either.
 */
export interface Issuer<Claims, Data> {
  /** For what only sessions can do; null where there are none. */
  readonly sessions: Sessions<Claims, Data> | null;
  /** @throws what `verify` of the core throws */
  verify(accessToken: string, options?: VerifyOptions): Promise<Auth<Claims, Data>>;
  /** @throws InvalidInputError, also for what it would have nowhere to keep; store errors */
  login(request: SessionInput<Claims, Data>): Promise<LoginTokens>;
  /** Takes back a login that nobody has been told of. */
  withdraw(tokens: LoginTokens): Promise<void>;
  /**
   * Ends what a token stands for, as far as that can be ended. It may have expired.
   * @param clientId only if the session is this client's, or nobody's
   * @throws TokenInvalidError for what is not ours, StoreUnavailableError
   */
  revoke(token: string, reason: RevocationReason, clientId?: string): Promise<void>;
  /** Whether {@link revoke} does anything. */
  readonly canRevoke: boolean;
  /** The public keys. */
  jwks(): ReturnType<AccessTokens<Claims>['jwks']>;
}
