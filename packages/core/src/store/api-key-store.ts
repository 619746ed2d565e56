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
}

/** What {@link ApiKeyStore.create} is given; the store adds its own time. */
export type NewApiKey = Omit<ApiKeyRecord, 'createdAt' | 'lastUsedAt' | 'revokedAt'>;

/** The port that API keys live behind. */
export interface ApiKeyStore {
  /**
   * Stores a new key. An id that exists already is an `InvalidInputError`, never an
   * overwrite. Round trips: 1.
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
   * Of n racing calls exactly one gets `revoked`. Round trips: 1.
   */
  revoke(keyId: string, userId?: string): Promise<'revoked' | 'already_revoked' | 'missing'>;

  /** Ends all of a user's live keys, atomically, and answers how many. Round trips: 1. */
  revokeAll(userId: string): Promise<number>;

  /**
   * Removes keys whose expiry is *past* (one that expires at this very millisecond
   * stays, and so does one that never expires), and answers how many.
   */
  deleteExpired(): Promise<number>;
}
