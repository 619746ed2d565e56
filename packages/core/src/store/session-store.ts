import type { RotationInput, RotationOutcome } from './rotation.ts';
import type { GenerationRecord, NewSession, SessionRecord } from './session-record.ts';

/**
 * The port of sessions: an adapter implements it. Every verb is *one atomic operation on the store's
 * own clock*: of two callers on any two nodes one comes first, and the other sees everything that the
 * first did. A verb that fails throws `StoreUnavailableError` and may or may not have happened.
 *
 * *Every verb may be sent twice*: a driver that gets no reply sends the call again. A verb that writes
 * receives a `callId`, 16 random bytes that are the same when the call is sent again. The second call
 * returns what the first returned, and changes nothing more.
 *
 * A store that removes expired sessions by itself may return `missing` (or null) where another
 * returns `expired`. Ids and user ids are compared byte by byte.
 *
 * Only `revoke`, `revokeAll`, the revoking outcomes of `rotate` and the eviction of `create` set
 * `revokedAt`. No verb clears it, and none changes `expiresAt`.
 */
export interface SessionStore {
  /**
   * Stores a new session and enforces `limit` for its user.
   *
   * Atomic: counting the user's live sessions, ending the oldest ones and inserting. After n
   * concurrent creations with a limit of k, exactly k sessions are live. A call that comes later may
   * evict the session of an earlier one (`evict_oldest`), or gets `refused` and stores nothing
   * (`refuse`). "Oldest" is by `createdAt`, then by `sessionId`; never the new session itself.
   * A `sessionId` that exists already throws `InvalidInputError` and changes nothing: it is checked
   * before the limit, so no session is evicted for it. The call that created the session, sent again
   * ({@link isSameCreation}), returns `created` with the sessions that it evicted.
   * Round trips: 1 (SQL: one transaction).
   *
   * @throws InvalidInputError, StoreFullError if a bounded store has no room
   */
  create(session: NewSession, limit?: SessionLimit): Promise<CreateOutcome>;

  /**
   * Reads one session, revoked and expired ones too, and records the activity if it is given.
   *
   * A store that can write the activity in the same trip does so, like {@link SessionStore.touch},
   * and returns `touchDue: false`. Any other returns the result of {@link isTouchDue}, and the caller
   * calls `touch` in the background. The record may be the one before or after that write.
   * Round trips: 1.
   */
  find(sessionId: string, activity?: Activity): Promise<FoundSession | null>;

  /**
   * Decides about a presented refresh token by the table of `docs/rotation.md`
   * ({@link decideRotation} is that table as a pure function) and applies the decision.
   *
   * Atomic: reading the record, deciding and writing. Of n concurrent calls with one current token
   * exactly one gets `rotated`; the others see its result and get `replayed` (or `retry`,
   * `reuse_detected`, as the policy says). A call after a revocation gets `revoked`, whatever it
   * presents; only the call that revoked the session, sent again, gets its `reuse_detected`, `fork` or
   * `lost` again.
   * Round trips: 1 (SQL: 1 where it rotates, at most 3 otherwise).
   */
  rotate(input: RotationInput): Promise<RotationOutcome>;

  /**
   * Replaces the current refresh token by one that was not derived from it, and raises the floor to
   * its generation: every older access token of the session is refused. {@link applyElevation} decides
   * and gives the new record.
   *
   * Atomic: checking that the session is live, then comparing `generation`, then writing. If the
   * session was rotated meanwhile, the call gets `conflict` with the current record and writes
   * nothing. Sent again, the call gets `written`: the record already holds `next`.
   * Round trips: 1 (SQL: at most 2).
   */
  elevate(input: ElevationInput): Promise<WriteOutcome>;

  /**
   * Replaces the application's claims and data. {@link applyDataWrite} decides and gives the new record.
   *
   * Atomic: checking that the session is live, then comparing `dataVersion`, then writing;
   * `dataVersion` grows by one. If another call wrote meanwhile, this one gets `conflict` with the
   * current record and writes nothing. Sent again, the call gets `written`, even after up to three
   * other writes. Lifetimes and tokens stay unchanged.
   * Round trips: 1 (SQL: at most 2).
   */
  writeData(input: DataWriteInput): Promise<WriteOutcome>;

  /**
   * Records activity: `lastActiveAt` becomes the store's time (never an earlier one), and the current
   * generation is confirmed if it is `generation`. A generation above the current one is no activity:
   * the store has lost a write, and `regressedAt` records when it first saw that.
   * {@link applyTouch} gives the new record.
   *
   * Atomic: checking that the session is live, then writing. A session that is revoked or expired
   * stays so, without an error. Round trips: 1.
   */
  touch(sessionId: string, generation: number): Promise<void>;

  /**
   * Ends one session. With `userId`, only if it belongs to that user, else `missing`. Of n concurrent
   * calls exactly one gets `revoked`, the others `already_revoked`, and the first reason stays. The
   * call that got `revoked`, sent again, gets it again. An expired session can be revoked.
   * Round trips: 1.
   */
  revoke(input: RevokeInput): Promise<RevokeOutcome>;

  /**
   * Ends all live sessions of a user, or those that the input selects, and returns their ids in any
   * order. Sent again, it returns at least the ids of the sessions that it ended the first time.
   *
   * Atomic: selecting and ending. A session that a concurrent call creates or rotates is either
   * ended, or created after this call. A process that dies during the call ends all of them or none.
   * No other user's call waits for this one longer than for a call about a few sessions. Round trips:
   * 1 for a few hundred sessions.
   */
  revokeAll(input: RevokeAllInput): Promise<RevokeAllOutcome>;

  /**
   * Reads a page of a user's live sessions, newest first: by `createdAt`, then by `sessionId` as
   * bytes, both descending. The page has fewer than `limit` sessions only if no more follow. A page is
   * a state of the store; the next page is a later one. Its cost depends on `limit`, not on how many
   * sessions the user has. Round trips: 1 for up to 100 sessions.
   */
  list(userId: string, page?: SessionPage): Promise<SessionList>;

  /**
   * Removes sessions whose absolute or idle expiry is *past* (a session that expires in this
   * millisecond stays), revoked ones by the same rule, and returns how many. A store that removes
   * expired sessions by itself returns 0. A session that a concurrent `touch` or `rotate` has kept
   * alive is never removed.
   */
  deleteExpired(): Promise<number>;

  /**
   * Optional. Calls the listener once for every session that is revoked on any node, until the returned
   * function is called.
   *
   * - Order: revocations of one user arrive in the order of the writes; those of different users in
   *   any order. Each listener receives them in the same order. One that a listener makes itself
   *   arrives after the one that it was called for.
   * - A listener may call the store, subscribe and unsubscribe. It is not called any more once its own
   *   returned function has returned, even if a revocation is being reported. The function may be
   *   called again, without effect. One that is added meanwhile may miss that revocation.
   * - What a listener throws is logged with `console.error`. It reaches neither the verb that revoked
   *   the session nor `subscribe`, and other listeners and later revocations are reported.
   * - A listener that subscribes twice is called twice, until each function is called.
   */
  subscribe?(listener: RevocationListener): () => void;
}

/** How many live sessions a user may have, and what happens to the next one. */
export interface SessionLimit {
  /** At least 1. */
  readonly max: number;
  /** `evict_oldest` ends the oldest with the reason `evicted`; `refuse` stores nothing. */
  readonly policy: 'evict_oldest' | 'refuse';
}

/** The result of {@link SessionStore.create}. */
export type CreateOutcome =
  | {
      readonly kind: 'created';
      readonly record: SessionRecord;
      /** The ids of the sessions that were evicted, in any order. */
      readonly evicted: readonly string[];
    }
  | { readonly kind: 'refused' };

/** The use of a session by an access token, and how often such a use is written. */
export interface Activity {
  /** The generation of the presented access token. */
  readonly generation: number;
  /** In ms: activity is written at most once per interval. */
  readonly interval: number;
}

/** The result of {@link SessionStore.find}. */
export interface FoundSession {
  readonly record: SessionRecord;
  /** The store's time. */
  readonly now: number;
  /** Whether the caller must still call `touch` for the activity. */
  readonly touchDue: boolean;
}

/** The input of {@link SessionStore.elevate}. */
export interface ElevationInput {
  readonly sessionId: string;
  /** The generation that the caller has read as the current one. */
  readonly generation: number;
  /** The refresh token of `generation + 1`. */
  readonly next: GenerationRecord;
  /** Replaces the record's attributes. */
  readonly attributes: string;
  /** 16 random bytes; the same when the call is sent again. */
  readonly callId: Uint8Array;
}

/** The input of {@link SessionStore.writeData}. */
export interface DataWriteInput {
  readonly sessionId: string;
  /** The version that the caller has read. */
  readonly dataVersion: number;
  readonly claims: string;
  readonly data: string;
  /** 16 random bytes; the same when the call is sent again. */
  readonly callId: Uint8Array;
}

/** The result of {@link SessionStore.elevate} and {@link SessionStore.writeData}. */
export type WriteOutcome =
  | {
      readonly kind: 'written' | 'conflict' | 'revoked' | 'expired';
      readonly record: SessionRecord;
      /** The store's time. */
      readonly now: number;
    }
  | { readonly kind: 'missing' };

/**
 * The result of ending one session or API key: ended by this call, ended before, or not there (or
 * another user's).
 */
export type RevokeOutcome = 'revoked' | 'already_revoked' | 'missing';

/** The input of {@link SessionStore.revoke}. */
export interface RevokeInput {
  readonly sessionId: string;
  readonly reason: string;
  /** Revokes the session only if it belongs to this user; else the outcome is `missing`. */
  readonly userId?: string | undefined;
  /** 16 random bytes; the same when the call is sent again. */
  readonly callId: Uint8Array;
}

/** Selects the sessions of a user that `revokeAll` ends: all, if it is empty. */
export interface SessionSelection {
  /** All sessions except this one. */
  readonly exceptSessionId?: string | undefined;
  /** Only the sessions of this device. */
  readonly deviceId?: string | undefined;
}

/** The input of {@link SessionStore.revokeAll}. */
export interface RevokeAllInput extends SessionSelection {
  readonly userId: string;
  readonly reason: string;
  /** 16 random bytes; the same when the call is sent again. */
  readonly callId: Uint8Array;
}

/** The result of {@link SessionStore.revokeAll}. */
export interface RevokeAllOutcome {
  /** The ids of the sessions that this call ended. */
  readonly revoked: readonly string[];
}

/** Which sessions {@link SessionStore.list} reads. */
export interface SessionPage {
  /** From 1 to 1,000. Default {@link maxSessionPage}. */
  readonly limit?: number | undefined;
  /** Only sessions after this one in the order of the list, such as the last one of the page before. */
  readonly after?: SessionPosition | undefined;
}

/** The place of a session in a list. The session itself may have ended. */
export interface SessionPosition {
  /** In ms since the epoch. */
  readonly createdAt: number;
  readonly sessionId: string;
}

/** The largest page of {@link SessionStore.list}, and its default. */
export const maxSessionPage = 1_000;

/** The result of {@link SessionStore.list}. */
export interface SessionList {
  readonly records: readonly SessionRecord[];
  /** The store's time. */
  readonly now: number;
}

/** What a store calls while a subscription lasts. */
export interface RevocationListener {
  /** Called when a session was revoked on any node. */
  readonly revoked: (sessionId: string, reason: string) => void;
  /**
   * Called with false when the feed is interrupted: revocations may be missed until it is called with
   * true. A feed that is complete from the beginning calls it before `subscribe` returns.
   */
  readonly connected: (connected: boolean) => void;
}

/**
 * Returns whether activity must be written: at the first use of the current generation, or an
 * interval after the last write. A generation below the floor is not activity of the session: its
 * token is about to be refused. A generation above the current one shows that the store has lost a
 * write: `touch` must record that once.
 */
export const isTouchDue = (record: SessionRecord, activity: Activity, now: number): boolean => {
  const { generation, interval } = activity;
  if (generation > record.generation) return record.regressedAt === null;
  if (generation < record.floor) return false;
  const first = !record.confirmed && record.generation === generation;
  return first || now - record.lastActiveAt >= interval;
};
