import { bytesEqual } from '../token/bytes.ts';

/** One API key as a store keeps it; times in ms since the epoch on the store's clock. */
export interface ApiKeyRecord {
  /** The public handle: 24 base64url characters. */
  readonly keyId: string;
  readonly userId: string;
  /** SHA-256 of the key, 32 bytes. */
  readonly tokenHash: Uint8Array;
  /** What the user calls it. */
  readonly name: string;
  /** JSON of the application's claims. A store does not look into it. */
  readonly claims: string;
  readonly createdAt: number;
  /** Or null: never. */
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  /** Set once, never cleared. */
  readonly revokedAt: number | null;
  /** The `callId` of the call that ended the key, 16 bytes; null before. */
  readonly revokedBy: Uint8Array | null;
}

/** What {@link ApiKeyStore.create} is given; the store adds its own time. */
export type NewApiKey = Omit<ApiKeyRecord, 'createdAt' | 'lastUsedAt' | 'revokedAt' | 'revokedBy'>;

/** The port that API keys live behind. */
export interface ApiKeyStore {
  /**
   * Stores a new key. An id that exists already is an `InvalidInputError`, never an
   * overwrite; with the same `tokenHash` it is this call sent again, and its record is
   * returned. Round trips: 1.
   */
  create(key: NewApiKey): Promise<ApiKeyRecord>;

  /**
   * Reads one key, revoked and expired ones too, with the store's time. Notes
   * the use, at most once per `interval` ms, in the same trip or (at the cost
   * of one more, not awaited by the answer) after it; not that of a key that is
   * revoked or expired, and none without `interval`. The record may be the one
   * before the note or the one after it. Round trips: 1.
   */
  find(keyId: string, interval?: number): Promise<{ record: ApiKeyRecord; now: number } | null>;

  /** Reads a user's keys that are neither revoked nor expired, newest first, ties in any order. Round trips: 1. */
  list(userId: string): Promise<readonly ApiKeyRecord[]>;

  /**
   * Ends a key; with `userId`, only if it belongs to that user (else `missing`).
   * Of n racing calls exactly one gets `revoked`, and gets it again where it is sent again.
   * Round trips: 1.
   */
  revoke(input: RevokeApiKeyInput): Promise<'revoked' | 'already_revoked' | 'missing'>;

  /**
   * Ends all of a user's live keys, atomically, and returns how many, also where it is sent
   * again. Round trips: 1.
   */
  revokeAll(input: RevokeAllApiKeysInput): Promise<number>;

  /**
   * Removes keys whose expiry is *past* (one that expires at this very millisecond
   * stays, and so does one that never expires), and answers how many.
   */
  deleteExpired(): Promise<number>;
}

export interface RevokeApiKeyInput {
  readonly keyId: string;
  /** Only if the key is this user's; anyone else's counts as missing. */
  readonly userId?: string | undefined;
  /** 16 random bytes, the same where the call is sent again. */
  readonly callId: Uint8Array;
}

export interface RevokeAllApiKeysInput {
  readonly userId: string;
  /** 16 random bytes, the same where the call is sent again. */
  readonly callId: Uint8Array;
}

/**
 * Whether a `create` of an id that exists is the call that made it, sent again: the reply to
 * it was lost. Any other call gets an `InvalidInputError`.
 */
export const isSameKey = (
  record: Pick<ApiKeyRecord, 'tokenHash'>,
  key: Pick<NewApiKey, 'tokenHash'>,
): boolean => bytesEqual(record.tokenHash, key.tokenHash);
