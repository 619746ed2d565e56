import type { CryptoKey, JWK } from 'jose';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { importJWK } from 'jose/key/import';
import { DpopError } from './dpop-error.ts';

/** The signature algorithms of proofs, all asymmetric (RFC 9449 § 4.3). */
export type DpopAlgorithm =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'RS256';

/** The kind of key that each algorithm takes. A key of another kind is never used. */
export const keyKinds: Readonly<Record<DpopAlgorithm, string>> = {
  ES256: 'EC P-256',
  ES384: 'EC P-384',
  ES512: 'EC P-521',
  EdDSA: 'OKP Ed25519',
  Ed25519: 'OKP Ed25519',
  PS256: 'RSA',
  PS384: 'RSA',
  PS512: 'RSA',
  RS256: 'RSA',
};

/** The public key of a client, ready for verification. */
export interface PublicKey {
  readonly alg: DpopAlgorithm;
  readonly key: CryptoKey;
  /** The thumbprint (RFC 7638, SHA-256). */
  readonly jkt: string;
}

/**
 * Members of private and symmetric keys (RFC 7518 § 6). A client that sends one has disclosed it.
 */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

/** 2,048 to 4,096 bits: 256 to 512 bytes in base64url, with the first bit set. */
const modulusForm = /^[g-z\d_-][\w-]{341,682}$/;

/** 65,537, the usual exponent. Others are weak, or slow to verify. */
const exponent = 'AQAB';

const members = {
  EC: ['kty', 'crv', 'x', 'y'],
  OKP: ['kty', 'crv', 'x'],
  RSA: ['kty', 'n', 'e'],
} as const;

/**
 * Reads the key of a proof's header. The platform refuses a point that is not on its curve, at
 * import.
 *
 * @throws DpopError `jwk`
 */
export const readPublicKey = async (jwk: unknown, alg: DpopAlgorithm): Promise<PublicKey> => {
  if (typeof jwk !== 'object' || jwk === null) throw new DpopError('jwk');
  const given = jwk as Readonly<Record<string, unknown>>;
  const { kty, crv } = given;
  if (privateMembers.some((member) => member in given)) throw new DpopError('jwk');
  const kind = kty === 'RSA' ? 'RSA' : `${String(kty)} ${String(crv)}`;
  if (kind !== keyKinds[alg]) throw new DpopError('jwk');
  // Only the key itself: the client must not decide `alg`, `use` and `key_ops`.
  const key: Record<string, unknown> = {};
  for (const member of members[kty as keyof typeof members]) {
    if (typeof given[member] !== 'string') throw new DpopError('jwk');
    key[member] = given[member];
  }
  if (kty === 'RSA' && !(modulusForm.test(String(given['n'])) && given['e'] === exponent)) {
    throw new DpopError('jwk');
  }
  try {
    return {
      alg,
      key: (await importJWK(key as JWK, alg)) as CryptoKey,
      jkt: await calculateJwkThumbprint(key as JWK),
    };
  } catch {
    throw new DpopError('jwk');
  }
};
