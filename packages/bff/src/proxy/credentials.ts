import type { IncomingHttpHeaders } from 'node:http';
import type { Proofs } from '../dpop-client/proofs.ts';
import type { UpstreamToken, UpstreamTokenSource } from '../upstream/upstream-token.ts';
import type { Judge, Refused } from './exchange.ts';

/** The upstream token of one request: what proves it, and what to do where it is refused. */
export interface Credentials extends Judge {
  /** Adds to the headers of the next try: the token, and a proof that was never sent before. */
  addTo(headers: string[], method: string, path: string): Promise<void> | undefined;
  /** Does what it takes for another try. @throws what `getUpstreamToken` throws */
  renew(refused: Refused): Promise<void>;
}

/** A request that nobody has to be authenticated for. */
export const noCredentials: Credentials = {
  addTo: () => undefined,
  judge: () => null,
  renew: async () => {},
};

const none: readonly Refused[] = [];

/**
 * The token of a session. A refusal of the API leads to one more try at most per
 * reason: with the nonce that it wants (RFC 9449 § 9), and with a refreshed token.
 */
export class SessionCredentials implements Credentials {
  readonly #tokens: UpstreamTokenSource;
  readonly #sessionId: string;
  readonly #proofs: Proofs;
  readonly #origin: string;
  #tried: readonly Refused[] = none;
  #token: UpstreamToken;

  constructor(
    { tokens, proofs }: { readonly tokens: UpstreamTokenSource; readonly proofs: Proofs },
    sessionId: string,
    token: UpstreamToken,
    origin: string,
  ) {
    this.#tokens = tokens;
    this.#sessionId = sessionId;
    this.#proofs = proofs;
    this.#origin = origin;
    this.#token = token;
  }

  addTo(headers: string[], method: string, path: string): Promise<void> | undefined {
    const { tokenType, accessToken } = this.#token;
    if (tokenType !== 'DPoP') return void headers.push('authorization', `Bearer ${accessToken}`);
    const asked = { method, origin: this.#origin, path, accessToken };
    return this.#proofs.prove(keyOf(this.#token), asked).then((proof) => {
      headers.push('authorization', `DPoP ${accessToken}`, 'dpop', proof);
    });
  }

  judge(status: number, headers: IncomingHttpHeaders): Refused | null {
    const nonce = headers['dpop-nonce'];
    if (typeof nonce === 'string') this.#proofs.remember(this.#origin, nonce);
    if (status !== 401) return null;
    const refused = reasonOf(headers, this.#token);
    return refused === null || this.#tried.includes(refused) ? null : refused;
  }

  async renew(refused: Refused): Promise<void> {
    this.#tried = [...this.#tried, refused];
    if (refused === 'nonce') return;
    const asked = { forceRefresh: this.#token };
    this.#token = await this.#tokens.getUpstreamToken(this.#sessionId, asked);
  }
}

const keyOf = ({ dpopKey }: UpstreamToken): NonNullable<UpstreamToken['dpopKey']> => {
  // Without its key a bound token is worth nothing, and must not go out as another kind.
  if (!dpopKey) throw new TypeError('a token of the type DPoP came without its key');
  return dpopKey;
};

const reasonOf = (headers: IncomingHttpHeaders, { tokenType }: UpstreamToken): Refused | null => {
  const challenge = [headers['www-authenticate'] ?? []].flat().join(', ');
  if (/\buse_dpop_nonce\b/.test(challenge)) {
    return tokenType === 'DPoP' && headers['dpop-nonce'] !== undefined ? 'nonce' : null;
  }
  // Some say nothing about why; others name a reason that no new token would change.
  return challenge === '' || /\binvalid_token\b/.test(challenge) ? 'token' : null;
};
