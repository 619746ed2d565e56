import { ConfigurationError } from '../errors.ts';
import { assertOptions } from '../option-names.ts';
import { isBytes } from '../value-kinds.ts';
import { isSigningAlgorithm, minSecretBytes, misfitOf } from './algorithm.ts';
import type { SigningKey, SymmetricSigningKey } from './signing-key.ts';

const kidPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** The validated keys of one issuer. */
export interface KeySet {
  /** Newest first. */
  readonly all: readonly SigningKey[];
  /** The key that signs: the first that is neither published nor retired. */
  readonly active: SigningKey;
  /** Returns the key with exactly this name: a kid never becomes part of a path, a query or a URL. */
  readonly find: (kid: string) => SigningKey | undefined;
}

/** Returns the secret of a key. Its length is checked at every use, not only at construction. */
export const secretOf = (key: SymmetricSigningKey): Uint8Array => {
  const { secret } = key;
  if (!isBytes(secret) || secret.length < minSecretBytes) {
    throw new ConfigurationError('keys', `an HS256 secret needs ${minSecretBytes} bytes or more`);
  }
  return secret;
};

const secretNames = { kid: 1, alg: 1, status: 1, secret: 1 } as const;
const pairNames = { kid: 1, alg: 1, status: 1, privateKey: 1, publicKey: 1 } as const;

/** @throws ConfigurationError, naming the option */
export const validateKey = (key: SigningKey, option: string): void => {
  if (!key || !isSigningAlgorithm(key.alg)) {
    throw new ConfigurationError(`${option}.alg`, 'must be EdDSA, ES256, RS256 or HS256');
  }
  if (typeof key.kid !== 'string' || !kidPattern.test(key.kid)) {
    throw new ConfigurationError(`${option}.kid`, 'must be 1 to 64 characters of A-Za-z0-9._-');
  }
  if (![undefined, 'active', 'published', 'retired'].includes(key.status)) {
    throw new ConfigurationError(`${option}.status`, 'must be active, published or retired');
  }
  if (key.alg === 'HS256') {
    if (!isBytes(key.secret) || key.secret.length < minSecretBytes) {
      throw new ConfigurationError(`${option}.secret`, `must have ${minSecretBytes} bytes or more`);
    }
    assertOptions(key, secretNames, `${option}.`);
    return;
  }
  const { alg, publicKey, privateKey } = key;
  const publicMisfit = misfitOf(publicKey, alg, 'public');
  if (publicMisfit) throw new ConfigurationError(`${option}.publicKey`, publicMisfit);
  const privateMisfit = privateKey && misfitOf(privateKey, alg, 'private');
  if (privateMisfit) throw new ConfigurationError(`${option}.privateKey`, privateMisfit);
  assertOptions(key, pairNames, `${option}.`);
};

/**
 * Validates a list of keys, newest first, and keeps a copy of it.
 *
 * @throws ConfigurationError, naming the key: a request never finds an invalid one
 */
export const createKeySet = (keys: readonly SigningKey[]): KeySet => {
  const byKid = new Map<string, SigningKey>();
  for (const [index, key] of (keys ?? []).entries()) {
    const option = `keys[${index}]`;
    validateKey(key, option);
    if (byKid.has(key.kid)) throw new ConfigurationError(`${option}.kid`, 'is used twice');
    // The caller may wipe or change its own array.
    byKid.set(key.kid, key.alg === 'HS256' ? { ...key, secret: key.secret.slice() } : { ...key });
  }
  const all = [...byKid.values()];
  if (new Set(all.map((key) => key.alg === 'HS256')).size > 1) {
    // Otherwise a public key could be used as a secret (ASVS 9.1.2).
    throw new ConfigurationError('keys', 'HS256 and public keys must not share a set');
  }
  const active = all.find((key) => key.status !== 'published' && key.status !== 'retired');
  if (!active) throw new ConfigurationError('keys', 'must hold an active key');
  if (active.alg !== 'HS256' && !active.privateKey) {
    const index = all.indexOf(active);
    throw new ConfigurationError(`keys[${index}].privateKey`, 'is missing from the key that signs');
  }
  return { all, active, find: (kid) => byKid.get(kid) };
};
