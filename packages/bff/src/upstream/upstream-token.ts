import type { Auth } from '@pawl/core';
import type { CryptoKey } from 'jose';

/** The key pair that the tokens of one session are bound to: it stays the same over refreshes. */
export interface DpopKey {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

/** An upstream access token, ready to be sent. It must never reach the browser, a log or an error. */
export interface UpstreamToken {
  readonly accessToken: string;
  readonly tokenType: 'Bearer' | 'DPoP';
  /** What proofs are signed with (RFC 9449 § 4): present where `tokenType` is `DPoP`. */
  readonly dpopKey?: DpopKey;
  /** In ms since the epoch; null where the provider does not tell. */
  readonly expiresAt: number | null;
}

/** How one request for a token differs from the others. */
export interface UpstreamTokenRequest {
  /**
   * The token that the API has just refused with 401. It is refreshed, unless
   * somebody has done so since: of fifty refusals of one token comes one refresh.
   */
  readonly forceRefresh?: UpstreamToken;
  /**
   * What a guard has just made of this session: while the token in it is fresh, the store is
   * not asked once more.
   */
  readonly auth?: Pick<Auth<unknown, unknown>, 'session'>;
}

/** Where the proxy gets upstream tokens from: all that it knows of them. */
export interface UpstreamTokenSource {
  /**
   * The upstream access token of a live session, refreshed where it is due.
   *
   * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError (401: there is no
   *   session, or the provider has just ended it), StoreUnavailableError (503), or
   *   `HttpError` with `ERR_UPSTREAM_UNAVAILABLE` (503: the token is no longer good and the
   *   provider cannot be asked; the session stays)
   */
  getUpstreamToken(sessionId: string, request?: UpstreamTokenRequest): Promise<UpstreamToken>;
}
