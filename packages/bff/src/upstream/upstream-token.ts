import type { Auth } from '@pawl/core';
import type { CryptoKey } from 'jose';

/** The DPoP key pair of one session (RFC 9449). It stays the same when tokens are refreshed. */
export interface DpopKey {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

/**
 * An upstream access token, ready to be sent to an API. Never put it into a response to the
 * browser, a log or an error.
 */
export interface UpstreamToken {
  readonly accessToken: string;
  /** The authentication scheme to send it with. */
  readonly tokenType: 'Bearer' | 'DPoP';
  /** The key that signs DPoP proofs (RFC 9449 § 4). Present if `tokenType` is `DPoP`. */
  readonly dpopKey?: DpopKey | undefined;
  /** When the token expires, in ms since the epoch; null if the provider does not say. */
  readonly expiresAt: number | null;
}

/** Options of {@link UpstreamTokenSource.getUpstreamToken}. */
export interface UpstreamTokenRequest {
  /**
   * The token that the API refused with 401. It is refreshed, unless it has been refreshed
   * since: fifty requests that were refused with one token cause one refresh. The result is the same
   * token if a refresh has obtained it within the last half minute: another one would not help.
   */
  readonly forceRefresh?: UpstreamToken | undefined;
  /**
   * What a guard returned for this request. If the token in its session is fresh, the store is
   * not read again.
   */
  readonly auth?: Pick<Auth<unknown, unknown>, 'session'> | undefined;
}

/** Provides upstream access tokens. It is all that the proxy needs of a BFF. */
export interface UpstreamTokenSource {
  /**
   * Returns the upstream access token of a session. A token that is about to expire is
   * refreshed, once per session across all nodes.
   *
   * @example
   * ```ts
   * const { accessToken } = await bff.upstream.getUpstreamToken(sessionId);
   * await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
   * ```
   *
   * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError (401) if there is no
   *   such session, or the provider has just ended it; StoreUnavailableError (503);
   *   StoreRecordError if the stored tokens cannot be opened; HttpError
   *   `ERR_UPSTREAM_UNAVAILABLE` (503) if the token has expired and the provider cannot be
   *   reached, in which case the session stays
   */
  getUpstreamToken(sessionId: string, request?: UpstreamTokenRequest): Promise<UpstreamToken>;
}
