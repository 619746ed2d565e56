import type { CryptoKey } from 'jose';

/**
 * The signature algorithms (RFC 7518 § 3, RFC 8037). A key is bound to one algorithm when it is made
 * (RFC 8725 § 3.1).
 */
export type SigningAlgorithm = 'EdDSA' | 'ES256' | 'RS256' | 'HS256';

/** The algorithms whose keys have a private and a public half. */
export type AsymmetricAlgorithm = Exclude<SigningAlgorithm, 'HS256'>;

interface AlgorithmParameters {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
}

/** The Web Crypto parameters of each algorithm, which its keys must have. */
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

/** Returns whether a value can be an issuer or an audience. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 2048;

/** Returns whether a value is the name of a supported algorithm. */
export const isSigningAlgorithm = (value: unknown): value is SigningAlgorithm =>
  typeof value === 'string' && Object.hasOwn(parametersOf, value);

/** Returns why a key cannot be this half of an `alg` key, or undefined if it can. */
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
