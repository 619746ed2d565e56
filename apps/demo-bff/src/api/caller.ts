import type { SingleUseStore } from '@pawl/core/store';
import { createDpop, DpopError, type DpopRequest } from '@pawl/http/dpop';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { Places } from '../config.ts';

/** Who calls, by a token that was made for this API and a proof that it is theirs. */
export interface Caller {
  readonly user: string;
  /** Tells one access token from the next, and is no part of it. */
  readonly tokenId: string;
  /** In ms since the epoch. */
  readonly expiresAt: number;
  /** The thumbprint of the key that the token is bound to. */
  readonly key: string;
}

interface Claims {
  readonly sub: string;
  readonly jti: string;
  readonly exp: number;
  readonly cnf: { readonly jkt: string };
}

/**
 * Finds out who calls (RFC 9068, RFC 9449 § 7). Null for everybody else: without a
 * token, with one of somebody else's, as a bearer, or with a proof that was used.
 *
 * @throws where the provider's keys or the store cannot be asked: that is nobody's fault here
 */
export const createAuthentication = (
  { issuer, api }: Places,
  store: { readonly singleUse: SingleUseStore },
): ((request: DpopRequest) => Promise<Caller | null>) => {
  const keys = createRemoteJWKSet(new URL('/jwks', issuer));
  const dpop = createDpop({ store, origin: api });
  return async (request) => {
    const authorization = request.header('authorization');
    if (typeof authorization !== 'string') return null;
    const token = /^DPoP ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
    if (token === undefined) return null;
    try {
      const { payload } = await jwtVerify<Claims>(token, keys, {
        issuer,
        audience: api,
        typ: 'at+jwt',
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'jti', 'exp', 'cnf'],
      });
      const proof = await dpop.verify(request, token);
      if (proof.jkt !== payload.cnf.jkt) return null;
      await proof.consume();
      const { sub, jti, exp } = payload;
      return { user: sub, tokenId: jti, expiresAt: exp * 1_000, key: proof.jkt };
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  };
};

/** What jose says where the keys cannot be had. All else that it throws is about the token. */
const outages = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'];

const isRefusal = (error: unknown): boolean =>
  error instanceof DpopError ||
  (error instanceof errors.JOSEError && !outages.includes(error.code));
