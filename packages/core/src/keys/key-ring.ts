import { defaultCrypto } from '#crypto';
import type { CryptoProvider } from '../crypto/provider.ts';
import { ConfigurationError } from '../errors.ts';
import { assertOptions } from '../option-names.ts';
import { type RandomBytes, systemRandom } from '../random.ts';
import { encodeTriples } from '../token/base64url.ts';
import { utf8 } from '../token/bytes.ts';
import { isBytes } from '../value-kinds.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';
import { weaknessOf } from './weak-secret.ts';

/**
 * The state of a root secret:
 * - `published`: nodes accept its tokens, and none issues with it yet;
 * - `active`: the newest active secret issues tokens, and all active ones are accepted;
 * - `compromised`: its tokens are refused, and they can revoke nothing.
 *
 * To roll over: add the new secret as `published` on every node, then activate it, and remove the
 * old one when the longest absolute timeout has passed.
 */
export type RootStatus = 'published' | 'active' | 'compromised';

/** A root secret: at least 32 bytes; of a string, the UTF-8 bytes. Make one with `generateSecret`. */
export type RootSecret =
  | string
  | Uint8Array
  | {
      readonly secret: string | Uint8Array;
      /** Default `active`. */
      readonly status?: RootStatus | undefined;
    };

/** One use of a root secret. Each use has its own key, derived with HKDF (RFC 5869). */
export type KeyUse = 'tag' | 'rotate' | 'access' | 'seal' | 'cookie' | 'log' | 'rate' | 'nonce';

/** The keys that are derived from one root secret. */
export interface RootKey {
  /** Identifies the secret: two bytes derived from it, independent of its place in the list. */
  readonly kid: number;
  readonly status: RootStatus;
  /** Returns the HMAC-SHA-256 of a message under the key of a use. */
  readonly hmac: (use: KeyUse, message: Uint8Array) => Uint8Array;
  /** Returns the 32-byte key of a use. */
  readonly derive: (use: string) => Uint8Array;
}

/** The keys of all root secrets of a deployment. */
export interface KeyRing {
  /** The root that issues: the newest active one. */
  readonly active: RootKey;
  /** All roots, newest first. */
  readonly all: readonly RootKey[];
  /** Returns the root with this kid. */
  readonly find: (kid: number) => RootKey | undefined;
}

const minSecretBytes = 32;
const statuses: readonly RootStatus[] = ['published', 'active', 'compromised'];

/**
 * Generates a root secret: 33 random bytes as 44 printable characters. Keep it where you keep
 * passwords, and give every node the same.
 *
 * @example
 * ```ts
 * console.log(generateSecret()); // once; then set it as PAWL_SECRET on every node
 * ```
 */
export const generateSecret = (
  options: { readonly random?: RandomBytes | undefined } = {},
): string => {
  assertOptions(options, { random: 1 });
  const { random = systemRandom } = options;
  return encodeTriples(random(33));
};

/**
 * Creates the key ring of a deployment from its root secrets, newest first. Applications pass their
 * secrets to `createSessions` instead.
 *
 * @example
 * ```ts
 * const { active } = createKeyRing([process.env.PAWL_SECRET]);
 * const key = active.derive('report');
 * ```
 *
 * @throws ConfigurationError for an empty list, a short or repetitive secret, a duplicate, two
 *   secrets with the same kid, an unknown status, or no active secret.
 */
export const createKeyRing = (
  secrets: readonly RootSecret[],
  options: { readonly crypto?: CryptoProvider | undefined } = {},
): KeyRing => {
  assertOptions(options, { crypto: 1 });
  const { crypto = defaultCrypto } = options;
  if (!Array.isArray(secrets)) throw new ConfigurationError('secrets', 'must be a list');
  const all = secrets.map((secret, index) => rootKey(secret, index, crypto));
  const byKid = new Map(all.map((root) => [root.kid, root]));
  if (byKid.size < all.length) {
    throw new ConfigurationError('secrets', 'two of them have the same kid; replace the newer one');
  }
  const active = all.find((root) => root.status === 'active');
  if (!active) throw new ConfigurationError('secrets', 'none of them is active');
  return { active, all, find: (kid) => byKid.get(kid) };
};

const rootKey = (given: RootSecret, index: number, crypto: CryptoProvider): RootKey => {
  const isSecret = typeof given === 'string' || isBytes(given);
  if (!isSecret && typeof given === 'object' && !Array.isArray(given)) {
    assertOptions(given ?? {}, { secret: 1, status: 1 }, `secrets[${index}].`);
  }
  const { secret, status = 'active' } = isSecret ? { secret: given } : (given ?? {});
  if (secret === undefined || secret === null || secret === '') {
    throw new ConfigurationError(
      'secrets',
      `secrets[${index}] is missing: set the environment variable that it comes from, once, to what generateSecret() returns`,
    );
  }
  const bytes = typeof secret === 'string' ? utf8(secret) : secret;
  if (!isBytes(bytes) || bytes.length < minSecretBytes) {
    throw new ConfigurationError('secrets', `each needs at least ${minSecretBytes} random bytes`);
  }
  const weakness = weaknessOf(bytes);
  if (weakness) {
    throw new ConfigurationError('secrets', `one ${weakness}: use what generateSecret() returns`);
  }
  // A mistyped `compromised` must not leave the root accepted.
  if (!statuses.includes(status)) {
    throw new ConfigurationError('secrets', `a status must be one of ${statuses.join(', ')}`);
  }
  const pseudoRandomKey = hkdfExtract(bytes, crypto);
  const derive = (use: string): Uint8Array => hkdfExpand(pseudoRandomKey, `pawl ${use} v1`, crypto);
  const keys = new Map<KeyUse, Uint8Array>();
  const keyOf = (use: KeyUse): Uint8Array => {
    const known = keys.get(use) ?? derive(use);
    keys.set(use, known);
    return known;
  };
  const kid = derive('kid');
  return {
    kid: ((kid[0] as number) << 8) | (kid[1] as number),
    status,
    hmac: (use, message) => crypto.hmacSha256(keyOf(use), message),
    derive,
  };
};
