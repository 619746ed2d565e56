import { hash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, type JWK, SignJWT } from 'jose';
import type { DpopKey } from '../upstream/upstream-token.ts';

/** What a proof is made for. */
export interface ProofRequest {
  readonly method: string;
  readonly origin: string;
  /** Without the query (RFC 9449 § 4.2). */
  readonly path: string;
  readonly accessToken: string;
}

/** Makes proofs of possession, and remembers what each origin wants in them. */
export interface Proofs {
  /** A new proof: none is ever sent twice (RFC 9449 § 11.1). */
  readonly prove: (key: DpopKey, request: ProofRequest) => Promise<string>;
  /** Keeps the nonce that an origin has sent for its next proof (RFC 9449 § 8.2). */
  readonly remember: (origin: string, nonce: string) => void;
}

const publicJwks = new WeakMap<CryptoKey, Promise<JWK>>();

/** A session's key stays the same: it is written down once. */
const jwkOf = (key: CryptoKey): Promise<JWK> => {
  const known = publicJwks.get(key) ?? exportJWK(key);
  publicJwks.set(key, known);
  return known;
};

const curves: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
};

/** @throws TypeError for a key that no proof can be signed with. */
const algorithmOf = ({ algorithm }: CryptoKey): string => {
  const {
    name,
    namedCurve = '',
    hash: digest,
  } = algorithm as {
    readonly name: string;
    readonly namedCurve?: string;
    readonly hash?: { readonly name: string };
  };
  const bits = digest?.name.replace('SHA-', '');
  const found = {
    ECDSA: curves[namedCurve],
    Ed25519: 'EdDSA',
    'RSA-PSS': `PS${bits}`,
    'RSASSA-PKCS1-v1_5': `RS${bits}`,
  }[name];
  if (found === undefined) throw new TypeError('the key of a proof cannot sign');
  return found;
};

const nonceForm = /^[!#-[\]-~]{1,256}$/;

export const createProofs = (clock: () => number): Proofs => {
  /** One per origin that is configured: no input makes it grow. */
  const nonces = new Map<string, string>();
  return {
    prove: async ({ publicKey, privateKey }, { method, origin, path, accessToken }) =>
      new SignJWT({
        jti: randomUUID(),
        htm: method,
        htu: origin + path,
        iat: Math.floor(clock() / 1_000),
        ath: hash('sha256', accessToken, 'base64url'),
        ...(nonces.has(origin) && { nonce: nonces.get(origin) }),
      })
        .setProtectedHeader({
          typ: 'dpop+jwt',
          alg: algorithmOf(privateKey),
          jwk: await jwkOf(publicKey),
        })
        .sign(privateKey),
    remember: (origin, nonce) => {
      if (nonceForm.test(nonce)) nonces.set(origin, nonce);
    },
  };
};
