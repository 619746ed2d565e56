import { hash } from 'node:crypto';

/**
 * The names of all keys. `{..}` is the hash tag that a cluster chooses the slot
 * by: the first two characters of an id, which are the first twelve bits of the
 * SHA-256 of the user id. So a user's index and all that belongs to the user
 * are in one slot, and users are spread over 4,096 of them.
 *
 * | key                  | holds                                           |
 * | -------------------- | ----------------------------------------------- |
 * | `s{sh}<22 chars>`    | a session                                       |
 * | `u{sh}<22 digits>`   | sorted set: a user's sessions by minute of end  |
 * | `k{sh}<22 chars>`    | an API key                                      |
 * | `o{sh}<22 digits>`   | sorted set: a user's API keys by minute of end  |
 * | `b:<id>`             | an id on the blocklist                          |
 * | `1:<key>`            | a single-use value                              |
 * | `l:<name>`           | a lease                                         |
 * | `r:<key>`            | a rate limit's bucket, until it is full again   |
 * | `w{sh}`              | a moment's write, to wait for replicas by       |
 */
export class Keys {
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

  apiKey(keyId: string): string {
    return `${this.prefix}k{${shardOfId(keyId)}}${keyId.slice(shardLength)}`;
  }

  apiKeysOf(userId: string): string {
    return `${this.prefix}o{${shardOf(userId)}}${digitsOf(userId)}`;
  }

  /** What the index that has this API key begins with: only the record knows the user. */
  apiKeysIn(keyId: string): string {
    return `${this.prefix}o{${shardOfId(keyId)}}`;
  }

  blocked(id: string): string {
    return `${this.prefix}b:${id}`;
  }

  singleUse(key: string): string {
    return `${this.prefix}1:${key}`;
  }

  lease(name: string): string {
    return `${this.prefix}l:${name}`;
  }

  bucket(key: string): string {
    return `${this.prefix}r:${key}`;
  }

  /** Where revocations are published. */
  get channel(): string {
    return `${this.prefix}revoked`;
  }
}

const shardLength = 2;

export const shardOfId = (id: string): string => id.slice(0, shardLength);

/** The first characters of every id of this user's. */
export const shardOf = (userId: string): string =>
  hash('sha256', userId, 'base64url').slice(0, shardLength);

/**
 * SHA-1, because the scripts have to find the index of a record's user and know
 * no other hash. Should two users ever share an index, neither notices: whatever
 * it names is asked for its user.
 */
const digitsOf = (userId: string): string => hash('sha1', userId, 'hex').slice(0, 22);

/**
 * The id that a key was made from. Scripts answer the key that they read: should
 * a connection ever hand out the reply to another question, the core notices.
 */
export const idOfKey = (key: Buffer): string => {
  const end = key.toString('latin1', key.length - 26);
  return end.slice(1, 3) + end.slice(4);
};
