import { defaultCrypto } from '#crypto';
import type { CryptoProvider } from '../crypto/provider.ts';
import type { RandomBytes } from '../random.ts';
import { decodeTriples } from './base64url.ts';
import { bytesEqual, concatBytes } from './bytes.ts';

/** How many bytes of an id are the user's shard. */
const shardBytes = 2;
const uniqueBytes = 16;
const idLength = 24;

/** The shard of a user: the first two bytes of each of their ids. */
export const shardOf = (userId: string, crypto: CryptoProvider = defaultCrypto): Uint8Array =>
  crypto.sha256(userId).subarray(0, shardBytes);

/**
 * A fresh id: 18 bytes. The first two are the user's shard, so that a store on
 * many nodes keeps a user's index and sessions together; the others are random.
 */
export const newId = (userId: string, random: RandomBytes, crypto: CryptoProvider): Uint8Array =>
  concatBytes(shardOf(userId, crypto), random(uniqueBytes));

/** Whether a text has the form of an id, so that it may reach a store. */
export const isId = (text: unknown): text is string =>
  typeof text === 'string' && text.length === idLength && decodeTriples(text, 0) !== null;

/** Whether an id was made for this user, as far as its shard tells. */
export const isIdOf = (id: string, userId: string, crypto: CryptoProvider): boolean => {
  const bytes = decodeTriples(id, 0);
  return bytes !== null && bytesEqual(bytes.subarray(0, shardBytes), shardOf(userId, crypto));
};
