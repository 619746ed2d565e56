/** An API key as a store keeps it. Times in ms since the epoch on the store's clock. */
export interface ApiKeyRecord {
  /** The public handle: 24 base64url characters. */
  readonly keyId: string;
  readonly userId: string;
  /** SHA-256 of the key, 32 bytes. */
  readonly tokenHash: Uint8Array;
  /** The user's name for the key. */
  readonly name: string;
  /** JSON of the application's claims. A store does not parse it. */
  readonly claims: string;
  readonly createdAt: number;
  /** Null: it does not expire. */
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  /** Set once, never cleared. */
  readonly revokedAt: number | null;
}

/** The input of {@link ApiKeyStore.create}. The store adds its own times. */
export type NewApiKey = Omit<ApiKeyRecord, 'createdAt' | 'lastUsedAt' | 'revokedAt'>;

/** The port of API keys: an adapter implements it. */
export interface ApiKeyStore {
  /**
   * Stores a new key. An id that exists already throws `InvalidInputError` and overwrites nothing.
   * Round trips: 1.
   */
  create(key: NewApiKey): Promise<ApiKeyRecord>;

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
   * calls exactly one gets `revoked`. Round trips: 1.
   */
  revoke(keyId: string, userId?: string): Promise<'revoked' | 'already_revoked' | 'missing'>;

  /** Revokes all of a user's live keys, atomically, and returns how many. Round trips: 1. */
  revokeAll(userId: string): Promise<number>;

  /**
   * Removes keys whose expiry is *past* (a key that expires in this millisecond stays, and so does
   * one without an expiry), and returns how many.
   */
  deleteExpired(): Promise<number>;
}
