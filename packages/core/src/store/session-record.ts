/**
 * One session as a store keeps it. All times are in ms since the epoch on the *store's* clock, unless
 * a field says otherwise. Byte arrays are never written to after they are in a record: a store that
 * reuses its buffers returns copies.
 */
export interface SessionRecord {
  /** The public handle, 24 base64url characters; its first two bytes are the user's shard. */
  readonly sessionId: string;
  /** 1 to 255 UTF-16 units: up to 765 bytes in UTF-8. */
  readonly userId: string;

  /** Counts rotations: 0 at login. */
  readonly generation: number;
  /**
   * The first generation whose access tokens are accepted. A step-up raises it, so that every older
   * token is refused. It equals `generation` if the current refresh token was not derived from a
   * predecessor.
   */
  readonly floor: number;
  /** The root key generation that the current refresh token was created with. */
  readonly kid: number;
  /** SHA-256 of the current refresh token, 32 bytes. */
  readonly tokenHash: Uint8Array;
  /** The salt that the current refresh token was derived with, 32 bytes. */
  readonly salt: Uint8Array;
  /**
   * The first 8 bytes of the hashes of the last four consumed refresh tokens,
   * newest first: 0, 8, 16, 24 or 32 bytes.
   */
  readonly ring: Uint8Array;
  /** Opaque access tokens only: the hash (16 bytes) of the current generation's; else null. */
  readonly accessHash: Uint8Array | null;
  /** Opaque access tokens only: that of the generation before; else null. */
  readonly previousAccessHash: Uint8Array | null;
  /** Whether the current refresh token or its access token was ever presented. */
  readonly confirmed: boolean;
  /** How often the consumed predecessor returned the current token again. */
  readonly replays: number;
  /** How often a late request was counted as a strike since the last rotation. */
  readonly strikes: number;
  /**
   * How many generations in a row, the current one included, had a late replay (one after the grace
   * period). The rotation of a generation without one sets it to 0.
   */
  readonly lateRun: number;
  /**
   * When the last late replay of the current generation happened: it starts the grace period again.
   * Null if there was none.
   */
  readonly lateReplayAt: number | null;
  /**
   * The `callId` of the last call that was counted as a replay or a strike in the current generation,
   * 16 bytes; null if there was none.
   */
  readonly lastCallId: Uint8Array | null;

  readonly createdAt: number;
  /** When the current generation was created. */
  readonly rotatedAt: number;
  /**
   * *Application's* clock, whole seconds: the `iat` of the current generation's access token. A
   * retry gets the same token from any node.
   */
  readonly issuedAt: number;
  readonly lastActiveAt: number;
  /** In ms. The session expires at `lastActiveAt + idleTimeout`. */
  readonly idleTimeout: number;
  /** The absolute expiry. It never changes. */
  readonly expiresAt: number;
  /** Set once, never cleared. */
  readonly revokedAt: number | null;
  /** Up to 255 UTF-16 units: up to 765 bytes in UTF-8. */
  readonly revokedReason: string | null;
  /** The `callId` of the call that revoked the session, 16 bytes; null before. */
  readonly revokedBy: Uint8Array | null;
  /**
   * When the store first saw a token that is newer than the record or of another history: it has lost
   * a write. Null if it saw none, or if a step-up has replaced every token since.
   */
  readonly regressedAt: number | null;

  /**
   * The device that the session was created on; `revokeAll` can select on it. Up to 255 UTF-16 units:
   * up to 765 bytes in UTF-8.
   */
  readonly deviceId: string | null;
  /**
   * JSON of core's own attributes (device, authentication, actor …). A store does not parse it. Up to
   * 131,072 UTF-16 units: up to 393,216 bytes in UTF-8.
   */
  readonly attributes: string;
  /**
   * JSON of the application's claims. A store does not parse it. Up to 16,384 UTF-16 units: up to
   * 49,152 bytes in UTF-8.
   */
  readonly claims: string;
  /** JSON of the application's session data, of the same length. A store does not parse it. */
  readonly data: string;
  /** The number of writes of `claims` and `data`: 0 at creation. */
  readonly dataVersion: number;
  /** The `callId`s of the last four such writes, newest first: 0, 16, 32, 48 or 64 bytes. */
  readonly dataCallIds: Uint8Array;
}

/** What a store keeps of one generation of a session: hashes of its tokens and how they were made. */
export interface GenerationRecord {
  /** SHA-256 of the refresh token, 32 bytes. */
  readonly tokenHash: Uint8Array;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly kid: number;
  /** *Application's* clock, whole seconds. */
  readonly issuedAt: number;
  /** The hash of the opaque access token, 16 bytes; null for JWTs. */
  readonly accessHash: Uint8Array | null;
}

/** The input of {@link SessionStore.create}. The store adds its own times, counters and flags. */
export interface NewSession {
  readonly sessionId: string;
  readonly userId: string;
  /** The refresh token of generation 0. */
  readonly first: GenerationRecord;
  /** In ms. */
  readonly idleTimeout: number;
  /** In ms since the epoch. */
  readonly expiresAt: number;
  readonly deviceId: string | null;
  readonly attributes: string;
  readonly claims: string;
  readonly data: string;
  /** 16 random bytes; the same when the call is sent again. */
  readonly callId: Uint8Array;
}

/** Returns why a record is not live any more, or null if it is. `now` is the store's time. */
export const endOf = (
  record: Pick<SessionRecord, 'revokedAt' | 'expiresAt' | 'lastActiveAt' | 'idleTimeout'>,
  now: number,
): 'revoked' | 'expired' | null => {
  if (record.revokedAt !== null) return 'revoked';
  return now >= expiryOf(record) ? 'expired' : null;
};

/** Returns when a record expires without further activity: the earlier of idle and absolute expiry. */
export const expiryOf = (
  record: Pick<SessionRecord, 'expiresAt' | 'lastActiveAt' | 'idleTimeout'>,
): number => Math.min(record.expiresAt, record.lastActiveAt + record.idleTimeout);
