import { defaultCrypto } from '#crypto';
import type { CryptoProvider } from '../crypto/provider.ts';
import type { RandomBytes } from '../random.ts';
import { createSegmentedLru } from '../segmented-lru.ts';
import { decodeTriples } from './base64url.ts';
import { bytesEqual, concatBytes } from './bytes.ts';

/** In bytes: the part of an id that is the user's shard. */
const shardBytes = 2;
const uniqueBytes = 16;

/** Returns the shard of a user: the first two bytes of the ids of their sessions and API keys. */
export const shardOf = (userId: string, crypto: CryptoProvider = defaultCrypto): Uint8Array =>
  crypto.sha256(userId).subarray(0, shardBytes);

/**
 * Returns a new id of 18 bytes. The first two are the user's shard, so that a store on many nodes
 * keeps a user's index and sessions together; the others are random.
 */
export const newId = (userId: string, random: RandomBytes, crypto: CryptoProvider): Uint8Array =>
  concatBytes(shardOf(userId, crypto), random(uniqueBytes));

const idForm = /^[\w-]{24}$/;

/** Returns whether a value has the format of an id, so that it may be passed to a store. */
export const isId = (text: unknown): text is string =>
  typeof text === 'string' && idForm.test(text);

/** Returns whether an id contains the user's shard: if not, it was made for another user. */
export type IsIdOf = (id: string, userId: string) => boolean;

/** Creates the check of ids. It caches matches, because the same sessions come with every request. */
export const createIsIdOf = (crypto: CryptoProvider): IsIdOf => {
  const known = createSegmentedLru<string>(10_000);
  return (id, userId) => {
    if (known.get(id) === userId) return true;
    const shard = decodeTriples(id, 0)?.subarray(0, shardBytes);
    const fits = shard !== undefined && bytesEqual(shard, shardOf(userId, crypto));
    if (fits) known.set(id, userId);
    return fits;
  };
};
