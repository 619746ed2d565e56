/**
 * What the session data of a BFF holds beside the application's own: the sealed upstream tokens
 * and what is known about them. No token is readable in it.
 */
export interface UpstreamSession {
  /** The sealed tokens and DPoP key. */
  readonly sealed: string;
  /** How often the tokens were refreshed: 0 at login, 1 more with every refresh. */
  readonly tokenGeneration: number;
  /** The fence of the lease that the tokens were obtained under; 0 at login. */
  readonly fence: number;
  /** When the access token expires, in ms since the epoch; null if the provider does not say. */
  readonly expiresAt: number | null;
  /** Whether there is a refresh token. */
  readonly renewable: boolean;
  /** The id of the provider's own session (claim `sid`), or null. */
  readonly sid: string | null;
  /** The `iat` of the ID token of the login, in seconds on the provider's clock. */
  readonly issuedAt: number;
}

/** The session data of a BFF. */
export interface BffData<Data> {
  /** The application's own data. */
  readonly app: Data;
  /** The upstream tokens, sealed. */
  readonly upstream: UpstreamSession;
}
