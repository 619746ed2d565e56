import type { IncomingHttpHeaders } from 'node:http';
import type { Proofs } from '../dpop-client/proofs.ts';
import type { UpstreamToken, UpstreamTokens } from '../upstream/upstream-token.ts';
import type { Judge, Refused } from './exchange.ts';

/** The upstream token of one request: what proves it, and what to do where it is refused. */
export interface Credentials {
  /** The headers of the next try: the token, and a proof that was never sent before. */
  readonly headers: (method: string, path: string) => Promise<readonly string[]>;
  readonly judge: Judge;
  /** Does what it takes for another try. @throws what `getUpstreamToken` throws */
  readonly renew: (refused: Refused) => Promise<void>;
}

/** A request that nobody has to be authenticated for. */
export const noCredentials: Credentials = {
  headers: async () => [],
  judge: () => null,
  renew: async () => {},
};

/**
 * Fetches the token of a session. A refusal of the API leads to one more try at most per
 * reason: with the nonce that it wants (RFC 9449 § 9), and with a refreshed token.
 *
 * @throws what `getUpstreamToken` throws
 */
export const sessionCredentials = async (
  tokens: UpstreamTokens,
  sessionId: string,
  proofs: Proofs,
  origin: string,
): Promise<Credentials> => {
  let token = await tokens.getUpstreamToken(sessionId);
  const tried = new Set<Refused>();
  return {
    headers: async (method, path) => {
      if (token.tokenType !== 'DPoP') return ['authorization', `Bearer ${token.accessToken}`];
      const { accessToken } = token;
      const proof = await proofs.prove(keyOf(token), { method, origin, path, accessToken });
      return ['authorization', `DPoP ${accessToken}`, 'dpop', proof];
    },
    judge: (status, headers) => {
      const nonce = headers['dpop-nonce'];
      if (typeof nonce === 'string') proofs.remember(origin, nonce);
      if (status !== 401) return null;
      const refused = reasonOf(headers, token);
      return refused === null || tried.has(refused) ? null : refused;
    },
    renew: async (refused) => {
      tried.add(refused);
      if (refused === 'nonce') return;
      token = await tokens.getUpstreamToken(sessionId, { forceRefresh: token });
    },
  };
};

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
