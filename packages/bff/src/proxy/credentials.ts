import type { IncomingHttpHeaders } from 'node:http';
import type { Proofs } from '../dpop-client/proofs.ts';
import type { UpstreamToken, UpstreamTokenSource } from '../upstream/upstream-token.ts';
import type { ResponseInspector, RetryReason } from './exchange.ts';
import type { RefusedTokens } from './refused-tokens.ts';

/** The credentials of one request to an API, and how to renew them if the API refuses them. */
export interface Credentials extends ResponseInspector {
  /** Adds the token to the headers of the next attempt, and a new proof if the token needs one. */
  addTo(headers: string[], method: string, path: string): Promise<void> | undefined;
  /** Prepares another attempt. @throws what `getUpstreamToken` throws */
  renew(reason: RetryReason): Promise<void>;
}

/** The credentials of a public route. */
export const noCredentials: Credentials = {
  addTo: () => undefined,
  inspect: () => null,
  expiresAt: null,
  renew: async () => {},
};

const none: readonly RetryReason[] = [];

/** What the credentials of all requests share. */
interface Sources {
  readonly tokens: UpstreamTokenSource;
  readonly proofs: Proofs;
  readonly refused: RefusedTokens;
}

/**
 * The upstream token of a session. If the API refuses it, there is at most one more attempt per
 * reason: with the nonce that the API demands (RFC 9449 § 9), and with a refreshed token. If the API
 * refuses that as well, its refusals are passed on for a while.
 */
export class SessionCredentials implements Credentials {
  readonly #tokens: UpstreamTokenSource;
  readonly #sessionId: string;
  readonly #proofs: Proofs;
  readonly #refused: RefusedTokens;
  readonly #origin: string;
  #tried: readonly RetryReason[] = none;
  #token: UpstreamToken;

  constructor(
    { tokens, proofs, refused }: Sources,
    sessionId: string,
    token: UpstreamToken,
    origin: string,
  ) {
    this.#tokens = tokens;
    this.#sessionId = sessionId;
    this.#proofs = proofs;
    this.#refused = refused;
    this.#origin = origin;
    this.#token = token;
  }

  addTo(headers: string[], method: string, path: string): Promise<void> | undefined {
    const { tokenType, accessToken } = this.#token;
    if (tokenType !== 'DPoP') return void headers.push('authorization', `Bearer ${accessToken}`);
    const subject = { method, origin: this.#origin, path, accessToken };
    return this.#proofs.prove(keyOf(this.#token), subject).then((proof) => {
      headers.push('authorization', `DPoP ${accessToken}`, 'dpop', proof);
    });
  }

  get expiresAt(): number | null {
    return this.#token.expiresAt;
  }

  inspect(status: number, headers: IncomingHttpHeaders): RetryReason | null {
    const nonce = headers['dpop-nonce'];
    if (typeof nonce === 'string') this.#proofs.rememberNonce(this.#origin, nonce);
    if (status !== 401) return null;
    const reason = retryReasonOf(headers, this.#token);
    if (reason === 'token' && !this.#mayRefresh()) return null;
    return reason === null || this.#tried.includes(reason) ? null : reason;
  }

  #mayRefresh(): boolean {
    const { accessToken } = this.#token;
    if (this.#refused.has(this.#sessionId, this.#origin, accessToken)) return false;
    if (!this.#tried.includes('token')) return true;
    this.#refused.add(this.#sessionId, this.#origin, accessToken);
    return false;
  }

  async renew(reason: RetryReason): Promise<void> {
    this.#tried = [...this.#tried, reason];
    if (reason === 'nonce') return;
    const previous = this.#token;
    const request = { forceRefresh: previous };
    this.#token = await this.#tokens.getUpstreamToken(this.#sessionId, request);
    const { accessToken } = this.#token;
    if (accessToken === previous.accessToken) {
      this.#refused.add(this.#sessionId, this.#origin, accessToken);
    }
  }
}

const keyOf = ({ dpopKey }: UpstreamToken): NonNullable<UpstreamToken['dpopKey']> => {
  // A bound token is useless without its key, and must not be sent as a bearer token.
  if (!dpopKey) throw new TypeError('the token source returned a DPoP token without its key');
  return dpopKey;
};

const retryReasonOf = (
  headers: IncomingHttpHeaders,
  { tokenType }: UpstreamToken,
): RetryReason | null => {
  const challenge = [headers['www-authenticate'] ?? []].flat().join(', ');
  if (/\buse_dpop_nonce\b/.test(challenge)) {
    return tokenType === 'DPoP' && headers['dpop-nonce'] !== undefined ? 'nonce' : null;
  }
  // Some APIs give no reason. For any other reason a new token would not help.
  return challenge === '' || /\binvalid_token\b/.test(challenge) ? 'token' : null;
};
