import { defaultCrypto } from '#crypto';
import type { CryptoProvider } from '../crypto/provider.ts';
import { ConfigurationError } from '../errors.ts';
import { type RandomBytes, systemRandom } from '../random.ts';
import { encodeTriples } from '../token/base64url.ts';
import { utf8 } from '../token/bytes.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';

/**
 * The life of a root secret:
 * - `published`: every node knows it, none issues with it yet;
 * - `active`: the newest active one issues, all active ones are accepted;
 * - `compromised`: its tokens are refused, and nothing is revoked on their word.
 *
 * To roll over: publish the new one on every node, then activate it, and drop
 * the old one when the longest absolute timeout has passed.
 */
export type RootStatus = 'published' | 'active' | 'compromised';

/** A root secret: at least 32 bytes, a string counts by its UTF-8 form. */
export type RootSecret =
  | string
  | Uint8Array
  | {
      readonly secret: string | Uint8Array;
      /** Default `active`. */
      readonly status?: RootStatus | undefined;
    };

/** One use of a root secret: each has a key of its own (HKDF label). */
export type KeyUse = 'tag' | 'rotate' | 'access' | 'seal' | 'cookie' | 'log' | 'rate' | 'nonce';

/** What became of one root secret. The keys themselves never leave it by accident. */
export interface RootKey {
  /** Two bytes of the secret's own derivation: it survives reordering the list. */
  readonly kid: number;
  readonly status: RootStatus;
  /** HMAC-SHA-256 under the key of a use. */
  readonly hmac: (use: KeyUse, message: Uint8Array) => Uint8Array;
  /** The 32-byte key of a use, for what needs the key itself. */
  readonly derive: (use: string) => Uint8Array;
}

/** All root secrets of a deployment. */
export interface KeyRing {
  /** The one that issues. */
  readonly active: RootKey;
  /** All, newest first. */
  readonly all: readonly RootKey[];
  readonly find: (kid: number) => RootKey | undefined;
}

const minSecretBytes = 32;
const statuses: readonly RootStatus[] = ['published', 'active', 'compromised'];

/** Makes a root secret: 33 random bytes as 44 printable characters. */
export const generateSecret = ({
  random = systemRandom,
}: {
  readonly random?: RandomBytes | undefined;
} = {}): string => encodeTriples(random(33));

/**
 * Takes the root secrets, newest first.
 *
 * @throws ConfigurationError for an empty list, a short or trivial secret, one given
 *   twice, two that happen to share a kid, an unknown status, or no active one.
 */
export const createKeyRing = (
  secrets: readonly RootSecret[],
  { crypto = defaultCrypto }: { readonly crypto?: CryptoProvider | undefined } = {},
): KeyRing => {
  if (!Array.isArray(secrets)) throw new ConfigurationError('secrets', 'must be a list');
  const all = secrets.map((secret) => rootKey(secret, crypto));
  const byKid = new Map(all.map((root) => [root.kid, root]));
  if (byKid.size < all.length) {
    throw new ConfigurationError('secrets', 'two of them share a kid; replace the newer one');
  }
  const active = all.find((root) => root.status === 'active');
  if (!active) throw new ConfigurationError('secrets', 'none of them is active');
  return { active, all, find: (kid) => byKid.get(kid) };
};

const rootKey = (given: RootSecret, crypto: CryptoProvider): RootKey => {
  const { secret, status = 'active' } =
    typeof given === 'string' || given instanceof Uint8Array ? { secret: given } : (given ?? {});
  const bytes = typeof secret === 'string' ? utf8(secret) : secret;
  if (!(bytes instanceof Uint8Array) || bytes.length < minSecretBytes) {
    throw new ConfigurationError('secrets', `each needs at least ${minSecretBytes} random bytes`);
  }
  if (new Set(bytes).size < 8) {
    throw new ConfigurationError('secrets', 'each needs random bytes, not a repeated pattern');
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
