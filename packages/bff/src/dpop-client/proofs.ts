import { hash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, type JWK, SignJWT } from 'jose';
import type { DpopKey } from '../upstream/upstream-token.ts';

/** The request that a proof is for. */
export interface ProofSubject {
  readonly method: string;
  readonly origin: string;
  /** Without the query (RFC 9449 § 4.2). */
  readonly path: string;
  readonly accessToken: string;
}

/** Creates DPoP proofs (RFC 9449), and remembers the nonce that each origin demands. */
export interface Proofs {
  /** Returns a new proof. Each one is sent once (RFC 9449 § 11.1). */
  readonly prove: (key: DpopKey, subject: ProofSubject) => Promise<string>;
  /** Stores the nonce for the next proof to an origin (RFC 9449 § 8.2). */
  readonly rememberNonce: (origin: string, nonce: string) => void;
}

const publicJwks = new WeakMap<CryptoKey, Promise<JWK>>();

/** Cached, because the key of a session stays the same. */
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

/** @throws TypeError if the key cannot sign a proof */
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
  if (found === undefined) throw new TypeError('the DPoP key has no algorithm that signs proofs');
  return found;
};

const nonceForm = /^[!#-[\]-~]{1,256}$/;

export const createProofs = (clock: () => number): Proofs => {
  /** One per configured origin, so no input makes it grow. */
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
    rememberNonce: (origin, nonce) => {
      if (nonceForm.test(nonce)) nonces.set(origin, nonce);
    },
  };
};
