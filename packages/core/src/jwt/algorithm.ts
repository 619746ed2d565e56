import type { CryptoKey } from 'jose';

/**
 * The signature algorithms that a key can be bound to (RFC 7518 § 3, RFC 8037):
 * one key, one algorithm, fixed when the key is made (RFC 8725 § 3.1).
 */
export type SigningAlgorithm = 'EdDSA' | 'ES256' | 'RS256' | 'HS256';

/** Those with a private and a public half. */
export type AsymmetricAlgorithm = Exclude<SigningAlgorithm, 'HS256'>;

interface AlgorithmParameters {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
}

/** What Web Crypto calls each algorithm, and what a key for it has to look like. */
export const parametersOf: Readonly<Record<SigningAlgorithm, AlgorithmParameters>> = {
  EdDSA: { name: 'Ed25519' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  HS256: { name: 'HMAC', hash: 'SHA-256' },
};

/** The shortest HMAC secret, in bytes: the length of the hash (RFC 7518 § 3.2). */
export const minSecretBytes = 32;

/** The shortest RSA modulus, in bits (RFC 7518 § 3.3). */
export const minModulusBits = 2048;

export const isSigningAlgorithm = (value: unknown): value is SigningAlgorithm =>
  typeof value === 'string' && Object.hasOwn(parametersOf, value);

/** Why a key cannot be one half of an `alg` key, or undefined if it can. */
export const misfitOf = (
  key: CryptoKey | undefined,
  alg: AsymmetricAlgorithm,
  half: 'private' | 'public',
): string | undefined => {
  const is = key?.algorithm as
    | { name?: string; namedCurve?: string; hash?: { name?: string }; modulusLength?: number }
    | undefined;
  const want = parametersOf[alg];
  if (
    !key ||
    !is ||
    is.name !== want.name ||
    is.namedCurve !== want.namedCurve ||
    is.hash?.name !== want.hash ||
    !key.usages.includes(half === 'private' ? 'sign' : 'verify')
  ) {
    return `must be a ${half} key for ${alg}`;
  }
  if (want.hash && !((is.modulusLength as number) >= minModulusBits)) {
    return `must have at least ${minModulusBits} bits`;
  }
  return half === 'public' && !key.extractable ? 'must be extractable' : undefined;
};
