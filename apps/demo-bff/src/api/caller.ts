import type { SingleUseStore } from '@pawl/core/store';
import { createDpop, DpopError, type DpopRequest } from '@pawl/http/dpop';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { Places } from '../config.ts';

/** The caller, known by an access token for this API and a proof of its key. */
export interface Caller {
  readonly user: string;
  /** The id of the access token (`jti`). */
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
 * Creates a function that authenticates a request (RFC 9068, RFC 9449 § 7). It returns null if
 * the token is missing, invalid or sent as a bearer token, or if the proof is invalid or was used
 * before.
 *
 * @throws if the provider's keys or the store are unavailable
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

/** The codes of jose's errors if the keys are unavailable. All others are about the token. */
const outages = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'];

const isRefusal = (error: unknown): boolean =>
  error instanceof DpopError ||
  (error instanceof errors.JOSEError && !outages.includes(error.code));
