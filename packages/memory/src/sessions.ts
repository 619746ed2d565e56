import {
  type Clock,
  InvalidInputError,
  type RevokeOutcome,
  type SessionLimit,
  type SessionPosition,
} from '@pawl/core';
import {
  type Activity,
  applyDataWrite,
  applyElevation,
  applyRotation,
  applyTouch,
  type CreateOutcome,
  type DataWriteInput,
  type DecidedWrite,
  type ElevationInput,
  endOf,
  expiryOf,
  type FoundSession,
  isSameCall,
  isSameCreation,
  isTouchDue,
  maxSessionPage,
  type NewSession,
  newRecord,
  type RevocationListener,
  type RevokeAllInput,
  type RevokeAllOutcome,
  type RevokeInput,
  type RotationInput,
  type RotationOutcome,
  type SessionList,
  type SessionPage,
  type SessionRecord,
  type SessionStore,
  type WriteOutcome,
} from '@pawl/core/store';
import { BoundedMap } from './bounded-map.ts';
import { RevocationFeed } from './revocation-feed.ts';
import { copyOf } from './session-copy.ts';
import { UserIndex } from './user-index.ts';

/** Sessions in memory. Every verb is atomic, because none awaits. */
export class MemorySessionStore implements SessionStore {
  readonly #clock: Clock;
  readonly #sessions: BoundedMap<SessionRecord>;
  readonly #users = new UserIndex();
  readonly #feed = new RevocationFeed();

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#sessions = new BoundedMap<SessionRecord>(max, expiryOf);
  }

  async create(session: NewSession, limit?: SessionLimit): Promise<CreateOutcome> {
    const now = this.#clock();
    const known = this.#sessions.get(session.sessionId);
    if (known) {
      if (!isSameCreation(known, session)) {
        throw new InvalidInputError('sessionId', 'exists already');
      }
      return {
        kind: 'created',
        record: copyOf(known),
        evicted: this.#endedBy(session.userId, session.callId),
      };
    }
    const live = limit ? this.#live(session.userId, now) : [];
    const surplus = limit ? live.slice(0, Math.max(0, live.length - limit.max + 1)) : [];
    if (surplus.length > 0 && limit?.policy === 'refuse') return { kind: 'refused' };

    this.#sessions.makeRoom(now, this.#forgotten);
    const record = copyOf(newRecord(session, now));
    this.#sessions.set(record.sessionId, record);
    this.#users.add(record.userId, record.sessionId);
    this.#end(surplus, 'evicted', session.callId, now);
    return {
      kind: 'created',
      record: copyOf(record),
      evicted: surplus.map(({ sessionId }) => sessionId),
    };
  }

  async find(sessionId: string, activity?: Activity): Promise<FoundSession | null> {
    const record = this.#sessions.get(sessionId);
    if (!record) return null;
    const now = this.#clock();
    const due = activity !== undefined && isTouchDue(record, activity, now);
    const current = due ? this.#recordActivity(record, activity.generation, now) : record;
    return { record: copyOf(current), now, touchDue: false };
  }

  async rotate(input: RotationInput): Promise<RotationOutcome> {
    const record = this.#sessions.get(input.sessionId);
    if (!record) return { kind: 'missing' };
    const outcome = applyRotation(record, input, this.#clock());
    const after = outcome.record === record ? record : this.#write(outcome.record);
    if (record.revokedAt === null && after.revokedAt !== null) {
      this.#feed.revoked(after.sessionId, after.revokedReason ?? '');
    }
    return { ...outcome, record: copyOf(after) };
  }

  async elevate(input: ElevationInput): Promise<WriteOutcome> {
    return this.#change(input.sessionId, (record, now) => applyElevation(record, input, now));
  }

  async writeData(input: DataWriteInput): Promise<WriteOutcome> {
    return this.#change(input.sessionId, (record, now) => applyDataWrite(record, input, now));
  }

  async touch(sessionId: string, generation: number): Promise<void> {
    const record = this.#sessions.get(sessionId);
    if (record) this.#recordActivity(record, generation, this.#clock());
  }

  async revoke({ sessionId, reason, userId, callId }: RevokeInput): Promise<RevokeOutcome> {
    const record = this.#sessions.get(sessionId);
    if (!record || (userId !== undefined && record.userId !== userId)) return 'missing';
    if (record.revokedAt !== null) {
      return isSameCall(record.revokedBy, callId) ? 'revoked' : 'already_revoked';
    }
    this.#end([record], reason, callId, this.#clock());
    return 'revoked';
  }

  async revokeAll(input: RevokeAllInput): Promise<RevokeAllOutcome> {
    const { userId, reason, callId, exceptSessionId, deviceId } = input;
    const now = this.#clock();
    const selected = this.#live(userId, now).filter(
      (record) =>
        record.sessionId !== exceptSessionId &&
        (deviceId === undefined || record.deviceId === deviceId),
    );
    this.#end(selected, reason, callId, now);
    return { revoked: this.#endedBy(userId, callId) };
  }

  async list(
    userId: string,
    { limit = maxSessionPage, after }: SessionPage = {},
  ): Promise<SessionList> {
    const now = this.#clock();
    const live = this.#live(userId, now).reverse();
    const from = after ? live.findIndex((record) => byAge(record, after) < 0) : 0;
    return { records: from < 0 ? [] : live.slice(from, from + limit).map(copyOf), now };
  }

  async deleteExpired(): Promise<number> {
    return this.#sessions.deletePast(this.#clock(), this.#forgotten);
  }

  subscribe(listener: RevocationListener): () => void {
    return this.#feed.subscribe(listener);
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#feed.close();
  }

  /** Returns a user's live sessions, oldest first. */
  #live(userId: string, now: number): SessionRecord[] {
    const live: SessionRecord[] = [];
    for (const sessionId of this.#users.of(userId)) {
      const record = this.#sessions.get(sessionId);
      if (record && endOf(record, now) === null) live.push(record);
    }
    return live.sort(byAge);
  }

  /** Returns the sessions that a call has ended, now or when it was sent the first time. */
  #endedBy(userId: string, callId: Uint8Array): string[] {
    return [...this.#users.of(userId)].filter((sessionId) => {
      const record = this.#sessions.get(sessionId);
      return record !== undefined && isSameCall(record.revokedBy, callId);
    });
  }

  #change(
    sessionId: string,
    apply: (record: SessionRecord, now: number) => DecidedWrite,
  ): WriteOutcome {
    const record = this.#sessions.get(sessionId);
    if (!record) return { kind: 'missing' };
    const now = this.#clock();
    const { kind, record: after } = apply(record, now);
    return { kind, record: copyOf(after === record ? record : this.#write(after)), now };
  }

  #recordActivity(record: SessionRecord, generation: number, now: number): SessionRecord {
    const after = applyTouch(record, generation, now);
    return after === record ? record : this.#write(after);
  }

  /** Revokes sessions. Notifies listeners after all writes, so that they may call the store. */
  #end(records: readonly SessionRecord[], reason: string, callId: Uint8Array, now: number): void {
    for (const record of records) {
      this.#write({ ...record, revokedAt: now, revokedReason: reason, revokedBy: callId });
    }
    for (const { sessionId } of records) this.#feed.revoked(sessionId, reason);
  }

  /** Stores a copy of a record, because its new bytes belong to the caller. */
  #write(record: SessionRecord): SessionRecord {
    const own = copyOf(record);
    this.#sessions.set(own.sessionId, own);
    return own;
  }

  readonly #forgotten = ({ userId, sessionId }: SessionRecord): void => {
    this.#users.remove(userId, sessionId);
  };
}

/** Orders sessions as lists and limits do, oldest first. */
const byAge = (a: SessionPosition, b: SessionPosition): number => {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  if (a.sessionId === b.sessionId) return 0;
  return a.sessionId < b.sessionId ? -1 : 1;
};
