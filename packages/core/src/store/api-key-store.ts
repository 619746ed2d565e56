import { bytesEqual } from '../token/bytes.ts';

/** An API key as a store keeps it. Times in ms since the epoch on the store's clock. */
export interface ApiKeyRecord {
  /** The public handle: 24 base64url characters. */
  readonly keyId: string;
  /** 1 to 255 UTF-16 units: up to 765 bytes in UTF-8. */
  readonly userId: string;
  /** SHA-256 of the key, 32 bytes. */
  readonly tokenHash: Uint8Array;
  /** The user's name for the key, 1 to 255 UTF-16 units: up to 765 bytes in UTF-8. */
  readonly name: string;
  /**
   * JSON of the application's claims. A store does not parse it. Up to 16,384 UTF-16 units: up to
   * 49,152 bytes in UTF-8.
   */
  readonly claims: string;
  readonly createdAt: number;
  /** Null: it does not expire. */
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  /** Set once, never cleared. */
  readonly revokedAt: number | null;
  /** The `callId` of the call that revoked the key, 16 bytes; null before. */
  readonly revokedBy: Uint8Array | null;
}

/** The input of {@link ApiKeyStore.create}. The store adds its own times. */
export type NewApiKey = Omit<ApiKeyRecord, 'createdAt' | 'lastUsedAt' | 'revokedAt' | 'revokedBy'>;

/** The port of API keys: an adapter implements it. */
export interface ApiKeyStore {
  /**
   * Stores a new key. An id that exists already throws `InvalidInputError` and overwrites nothing.
   * If the `tokenHash` is the same too ({@link isSameKey}), the call is sent again and returns the
   * record.
   *
   * With `limit` (1 or more) it throws `ApiKeyLimitError` and stores nothing if the user has that many
   * live keys. Atomic: counting and inserting. Of n concurrent creations with a limit of k, k succeed.
   * Round trips: 1 (SQL with a limit: one transaction).
   */
  create(key: NewApiKey, limit?: number): Promise<ApiKeyRecord>;

  /**
   * Reads one key, revoked and expired ones too, with the store's time. With `interval`, records the
   * use of a live key at most once per `interval` ms: in the same trip, or in another one that the
   * result does not wait for. The record may be the one before or after that write. Round trips: 1.
   */
  find(keyId: string, interval?: number): Promise<{ record: ApiKeyRecord; now: number } | null>;

  /**
   * Reads a user's keys that are neither revoked nor expired, newest first, ties in any order.
   * Round trips: 1.
   */
  list(userId: string): Promise<readonly ApiKeyRecord[]>;

  /**
   * Revokes a key; with `userId`, only if it belongs to that user (else `missing`). Of n concurrent
   * calls exactly one gets `revoked`; sent again, it gets `revoked` again. Round trips: 1.
   */
  revoke(input: RevokeApiKeyInput): Promise<'revoked' | 'already_revoked' | 'missing'>;

  /**
   * Revokes all of a user's live keys, atomically, and returns how many. Sent again, it returns the
   * same number. Round trips: 1.
   */
  revokeAll(input: RevokeAllApiKeysInput): Promise<number>;

  /**
   * Removes keys whose expiry is *past* (a key that expires in this millisecond stays, and so does
   * one without an expiry), and returns how many.
   */
  deleteExpired(): Promise<number>;
}

/** The input of {@link ApiKeyStore.revoke}. */
export interface RevokeApiKeyInput {
  readonly keyId: string;
  /** Revokes the key only if it belongs to this user; else the outcome is `missing`. */
  readonly userId?: string | undefined;
  /** 16 random bytes; the same when the call is sent again. */
  readonly callId: Uint8Array;
}

/** The input of {@link ApiKeyStore.revokeAll}. */
export interface RevokeAllApiKeysInput {
  readonly userId: string;
  /** 16 random bytes; the same when the call is sent again. */
  readonly callId: Uint8Array;
}

/**
 * Returns whether a `create` with an existing id is the call that created the key, sent again because
 * its reply was lost. Any other call must throw `InvalidInputError`.
 */
export const isSameKey = (
  record: Pick<ApiKeyRecord, 'tokenHash'>,
  key: Pick<NewApiKey, 'tokenHash'>,
): boolean => bytesEqual(record.tokenHash, key.tokenHash);
