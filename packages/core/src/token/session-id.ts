import type { CryptoProvider } from '../crypto/provider.ts';
import type { RandomBytes } from '../random.ts';
import { decodeTriples } from './base64url.ts';
import { concatBytes } from './bytes.ts';

const shardBytes = 2;
const uniqueBytes = 16;
const idLength = 24;

/**
 * A fresh id: 18 bytes. The first two are the user's shard, so that a store on
 * many nodes keeps a user's index and sessions together; the others are random.
 */
export const newId = (userId: string, random: RandomBytes, crypto: CryptoProvider): Uint8Array =>
  concatBytes(crypto.sha256(userId).subarray(0, shardBytes), random(uniqueBytes));

/** Whether a text has the form of an id, so that it may reach a store. */
export const isId = (text: unknown): text is string =>
  typeof text === 'string' && text.length === idLength && decodeTriples(text, 0) !== null;

/** Whether an id was made for this user, as far as its shard tells. */
export const isIdOf = (id: string, userId: string, crypto: CryptoProvider): boolean => {
  const bytes = decodeTriples(id, 0);
  const shard = crypto.sha256(userId);
  return bytes !== null && bytes[0] === shard[0] && bytes[1] === shard[1];
};
