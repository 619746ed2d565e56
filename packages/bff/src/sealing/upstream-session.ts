/** What a BFF's session keeps beside the application's own data. Nothing in it is readable. */
export interface UpstreamSession {
  /** The tokens and the key: see {@link UpstreamTokenSet}. */
  readonly sealed: string;
  /** Counts what was obtained from the provider: 0 at login, one more with every refresh. */
  readonly tokenGeneration: number;
  /** The lease that the tokens were obtained under; 0 at login. */
  readonly fence: number;
  /** When the access token expires, in ms since the epoch; null where the provider does not tell. */
  readonly expiresAt: number | null;
  /** Whether there is a refresh token. */
  readonly renewable: boolean;
  /** The provider's own session, where it names one. */
  readonly sid: string | null;
  /** The `iat` of the login's ID token, in s on the provider's clock. */
  readonly issuedAt: number;
}

/** The session data of a BFF. */
export interface BffData<Data> {
  /** The application's. */
  readonly app: Data;
  readonly upstream: UpstreamSession;
}
