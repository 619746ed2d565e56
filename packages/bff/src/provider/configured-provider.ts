import type { JWTVerifyGetKey } from 'jose';
import type { Configuration } from 'openid-client';

/** Sends a request. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** The provider, after its metadata was fetched. */
export interface Provider {
  /** For logins. It checks the signatures of ID tokens. */
  readonly config: Configuration;
  /**
   * For refreshes. It does not check the signature of an ID token in the response, because that
   * fetches keys: a refresh must not fail, and lose the new tokens, if that endpoint is down.
   */
  readonly refreshConfig: Configuration;
  /** The provider's keys, for logout tokens; null if it has none. */
  readonly keys: JWTVerifyGetKey | null;
}
