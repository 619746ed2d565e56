import { hash } from 'node:crypto';

/**
 * Builds the names of all keys. `{sh}` is the hash tag by which a cluster chooses the slot: the
 * first two characters of an id, which are the first twelve bits of the SHA-256 of the user id.
 * Therefore a user's index and all records of the user are in one slot, and users are spread over
 * 4,096 shards.
 *
 * | key                  | holds                                                  |
 * | -------------------- | ------------------------------------------------------ |
 * | `s{sh}<22 chars>`    | a session                                              |
 * | `u{sh}<22 digits>`   | sorted set: a user's sessions by time of creation      |
 * | `p{sh}<22 digits>`   | list: pending revocations of a user                    |
 * | `k{sh}<22 chars>`    | an API key                                             |
 * | `o{sh}<22 digits>`   | sorted set: a user's API keys by minute of expiry      |
 * | `b:<id>`             | an id on the blocklist                                 |
 * | `n:<user id>`        | the time before which a user's tokens are revoked      |
 * | `1:<key>`            | a single-use value                                     |
 * | `l:<name>`           | a lease                                                |
 * | `r:<key>`            | a rate limit's bucket, until it is full again          |
 * | `c{sh}<22 chars>`    | the ids that a call revoked, for ten minutes           |
 * | `w{sh}`              | a short-lived write that `WAIT` waits for              |
 */
export class KeyNames {
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  session(sessionId: string): string {
    return `${this.prefix}s{${shardOfId(sessionId)}}${sessionId.slice(shardLength)}`;
  }

  sessionsOf(userId: string): string {
    return `${this.prefix}u{${shardOf(userId)}}${digitsOf(userId)}`;
  }

  /** Revocations of very many sessions of a user, until they are written to each of them. */
  pendingOf(userId: string): string {
    return `${this.prefix}p{${shardOf(userId)}}${digitsOf(userId)}`;
  }

  /** The ids of the user's records that a call has revoked. */
  revokedBy(userId: string, callId: Uint8Array): string {
    const id = Buffer.from(callId).toString('base64url');
    return `${this.prefix}c{${shardOf(userId)}}${id}`;
  }

  apiKey(keyId: string): string {
    return `${this.prefix}k{${shardOfId(keyId)}}${keyId.slice(shardLength)}`;
  }

  apiKeysOf(userId: string): string {
    return `${this.prefix}o{${shardOf(userId)}}${digitsOf(userId)}`;
  }

  /** The start of the name of the index that lists this API key; only the record has the user. */
  apiKeyIndexPrefix(keyId: string): string {
    return `${this.prefix}o{${shardOfId(keyId)}}`;
  }

  blocklist(id: string): string {
    return `${this.prefix}b:${id}`;
  }

  notBefore(subject: string): string {
    return `${this.prefix}n:${subject}`;
  }

  singleUse(key: string): string {
    return `${this.prefix}1:${key}`;
  }

  lease(name: string): string {
    return `${this.prefix}l:${name}`;
  }

  rateLimit(key: string): string {
    return `${this.prefix}r:${key}`;
  }

  /** The channel on which revocations are published. */
  get channel(): string {
    return `${this.prefix}revoked`;
  }
}

const shardLength = 2;

/** The shard of a session id or an API key id. */
export const shardOfId = (id: string): string => id.slice(0, shardLength);

/** The shard of a user: the first characters of every session id and key id of the user. */
export const shardOf = (userId: string): string =>
  hash('sha256', userId, 'base64url').slice(0, shardLength);

/**
 * SHA-1, because scripts compute the name of an index too and have no other hash function. A
 * collision of two users is harmless: the user id of every record in the index is compared.
 */
const digitsOf = (userId: string): string => hash('sha1', userId, 'hex').slice(0, 22);

/**
 * The id from which a key name was built. Scripts return the name of the key that they read, so
 * that core notices when a connection delivers the reply to a different command.
 */
export const idOfKeyName = (key: Buffer): string => {
  const end = key.toString('latin1', key.length - 26);
  return end.slice(1, 3) + end.slice(4);
};
