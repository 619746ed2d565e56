import type { CryptoKey, JWK } from 'jose';
import { decode, encode } from 'jose/base64url';
import { InvalidInputError } from '../errors.ts';
import { assertOptions } from '../option-names.ts';
import { systemRandom } from '../random.ts';
import { utf8 } from '../token/bytes.ts';
import {
  type AsymmetricAlgorithm,
  isSigningAlgorithm,
  minModulusBits,
  minSecretBytes,
  misfitOf,
  parametersOf,
  type SigningAlgorithm,
} from './algorithm.ts';

/**
 * The state of a key: `published` (it is in the JWKS document and does not sign yet) → `active` →
 * `retired` (it does not sign any more, and its tokens stay valid). Remove a key from the set when its
 * last token has expired.
 */
export type SigningKeyStatus = 'active' | 'published' | 'retired';

interface KeyIdentity {
  /** The name of the key in a token's header: 1 to 64 characters of `A-Za-z0-9._-`. */
  readonly kid: string;
  /** Default: `active`. */
  readonly status?: SigningKeyStatus | undefined;
}

/** A key pair: other services verify with the public half from the JWKS document. */
export interface AsymmetricSigningKey extends KeyIdentity {
  readonly alg: AsymmetricAlgorithm;
  /** Required of the key that signs. */
  readonly privateKey?: CryptoKey | undefined;
  /** Extractable, for the JWKS document. */
  readonly publicKey: CryptoKey;
}

/** A shared secret: every service that can verify can also sign, so keep it among your own services. */
export interface SymmetricSigningKey extends KeyIdentity {
  readonly alg: 'HS256';
  /** At least 32 random bytes. */
  readonly secret: Uint8Array;
}

/** A key that access tokens are signed and verified with. */
export type SigningKey = AsymmetricSigningKey | SymmetricSigningKey;

/** A key in the form that it is kept in (RFC 7517). With `d` or `k` it is a secret. */
export interface SigningJwk {
  readonly kty: string;
  readonly alg?: string | undefined;
  readonly kid?: string | undefined;
  readonly use?: string | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly d?: string | undefined;
  readonly p?: string | undefined;
  readonly q?: string | undefined;
  readonly dp?: string | undefined;
  readonly dq?: string | undefined;
  readonly qi?: string | undefined;
  readonly k?: string | undefined;
}

/** Options of {@link generateSigningKey}. */
export interface GenerateSigningKeyOptions {
  /** Default: the key's thumbprint (RFC 7638), or 128 random bits for HS256. */
  readonly kid?: string | undefined;
  readonly status?: SigningKeyStatus | undefined;
}

/** Options of {@link importSigningKey}. */
export interface ImportSigningKeyOptions extends GenerateSigningKeyOptions {
  /** Default: the `alg` of the JWK. The two must not differ. */
  readonly alg?: SigningAlgorithm | undefined;
  /** Whether the private key can be exported again. Default: false. */
  readonly extractable?: boolean | undefined;
}

/** The JWK members of each half of a key. All others are dropped. */
const publicMembers = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const;
const privateMembers = [...publicMembers, 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;

const pick = (jwk: SigningJwk, members: readonly (keyof SigningJwk)[]): SigningJwk =>
  Object.fromEntries(
    members.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]]),
  ) as unknown as SigningJwk;

/** Returns the public half of a key as a JWK: only these members may leave the process. */
export const publicJwkOf = async (key: CryptoKey): Promise<SigningJwk> =>
  pick((await crypto.subtle.exportKey('jwk', key)) as SigningJwk, publicMembers);

/** RFC 7638: the SHA-256 of the required members in the order of their names. */
const thumbprintOf = async (publicKey: CryptoKey): Promise<string> => {
  const jwk = await publicJwkOf(publicKey);
  const json = JSON.stringify(pick(jwk, ['crv', 'e', 'kty', 'n', 'x', 'y']));
  return encode(
    new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(json) as Uint8Array<ArrayBuffer>)),
  );
};

const statusOf = (options: GenerateSigningKeyOptions): { status?: SigningKeyStatus } =>
  options.status === undefined ? {} : { status: options.status };

/**
 * Generates a new key. Its private half is extractable, so that {@link exportSigningKey} can export
 * it to your secret storage.
 *
 * @example
 * ```ts
 * const key = await generateSigningKey('ES256');
 * await saveSecret(JSON.stringify(await exportSigningKey(key)));
 * ```
 *
 * @throws InvalidInputError for an unknown algorithm
 */
export const generateSigningKey = async (
  alg: SigningAlgorithm,
  options: GenerateSigningKeyOptions = {},
): Promise<SigningKey> => {
  assertOptions(options, { kid: 1, status: 1 });
  if (!isSigningAlgorithm(alg)) throw new InvalidInputError('alg', 'is not supported');
  if (alg === 'HS256') {
    const kid = options.kid ?? encode(systemRandom(16));
    return { kid, alg, secret: systemRandom(minSecretBytes), ...statusOf(options) };
  }
  const parameters = {
    ...parametersOf[alg],
    modulusLength: minModulusBits,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  const { privateKey, publicKey } = (await crypto.subtle.generateKey(parameters, true, [
    'sign',
    'verify',
  ])) as { privateKey: CryptoKey; publicKey: CryptoKey };
  const kid = options.kid ?? (await thumbprintOf(publicKey));
  return { kid, alg, privateKey, publicKey, ...statusOf(options) };
};

const importSecret = (jwk: SigningJwk, options: ImportSigningKeyOptions): SymmetricSigningKey => {
  const kid = options.kid ?? jwk.kid;
  // A thumbprint of a secret would let anyone test guesses of it.
  if (!kid) throw new InvalidInputError('kid', 'is required for HS256');
  let secret: Uint8Array | undefined;
  try {
    if (jwk.kty === 'oct') secret = decode(jwk.k as string);
  } catch {
    // Refused below, without a message that quotes the key.
  }
  if (!secret || secret.length < minSecretBytes) {
    throw new InvalidInputError('jwk', `must hold a secret of at least ${minSecretBytes} bytes`);
  }
  return { kid, alg: 'HS256', secret, ...statusOf(options) };
};

/** Returns whether the two halves belong to one key: a JWK may combine halves of different keys. */
const isPair = async (
  privateKey: CryptoKey,
  publicKey: CryptoKey,
  alg: AsymmetricAlgorithm,
): Promise<boolean> => {
  const how = { name: parametersOf[alg].name, hash: 'SHA-256' };
  const data = new Uint8Array(32);
  const signature = await crypto.subtle.sign(how, privateKey, data);
  return crypto.subtle.verify(how, publicKey, signature, data);
};

/**
 * Imports a key from a JWK: with its private half if the JWK has one, else for verification only.
 *
 * @example
 * ```ts
 * const key = await importSigningKey(JSON.parse(await readSecret()));
 * ```
 *
 * @throws InvalidInputError if the JWK is not a usable key for its algorithm
 */
export const importSigningKey = async (
  jwk: SigningJwk,
  options: ImportSigningKeyOptions = {},
): Promise<SigningKey> => {
  assertOptions(options, { kid: 1, status: 1, alg: 1, extractable: 1 });
  const alg = options.alg ?? jwk?.alg;
  if (!isSigningAlgorithm(alg) || (jwk?.alg ?? alg) !== alg) {
    throw new InvalidInputError('alg', 'is missing, not supported, or not that of the JWK');
  }
  if (!jwk || (jwk.use ?? 'sig') !== 'sig') {
    throw new InvalidInputError('jwk', 'is not a key for signatures');
  }
  if (alg === 'HS256') return importSecret(jwk, options);
  const half = (
    members: readonly (keyof SigningJwk)[],
    usage: 'sign' | 'verify',
    extractable: boolean,
  ): Promise<CryptoKey> =>
    crypto.subtle.importKey('jwk', pick(jwk, members) as JWK, parametersOf[alg], extractable, [
      usage,
    ]);
  let publicKey: CryptoKey | undefined;
  let privateKey: CryptoKey | undefined;
  try {
    publicKey = await half(publicMembers, 'verify', true);
    if (jwk.d) privateKey = await half(privateMembers, 'sign', options.extractable ?? false);
  } catch {
    // The platform's message may quote the key.
    throw new InvalidInputError('jwk', `is not a key for ${alg}`);
  }
  const misfit = misfitOf(publicKey, alg, 'public');
  if (misfit) throw new InvalidInputError('jwk', misfit);
  if (privateKey && !(await isPair(privateKey, publicKey, alg).catch(() => false))) {
    throw new InvalidInputError('jwk', 'its private and public halves do not belong together');
  }
  const kid = options.kid ?? jwk.kid ?? (await thumbprintOf(publicKey));
  return { kid, alg, publicKey, ...(privateKey && { privateKey }), ...statusOf(options) };
};

/**
 * Exports a key as a JWK with its private half, to be stored: treat it as a secret.
 *
 * @throws InvalidInputError if the private half is not extractable
 */
export const exportSigningKey = async (key: SigningKey): Promise<SigningJwk> => {
  const { kid, alg } = key;
  if (key.alg === 'HS256') return { kty: 'oct', k: encode(key.secret), alg, kid, use: 'sig' };
  if (key.privateKey && !key.privateKey.extractable) {
    throw new InvalidInputError('key', 'its private half is not extractable');
  }
  const jwk = await crypto.subtle.exportKey('jwk', key.privateKey ?? key.publicKey);
  return { ...pick(jwk as SigningJwk, privateMembers), alg, kid, use: 'sig' };
};
