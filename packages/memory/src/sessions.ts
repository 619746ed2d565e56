import { type Clock, InvalidInputError, type RevokeOutcome, type SessionLimit } from '@pawl/core';
import {
  type Activity,
  applyElevation,
  applyRotation,
  applyTouch,
  type CreateOutcome,
  type DataWriteInput,
  type ElevationInput,
  endOf,
  expiryOf,
  type FoundSession,
  isTouchDue,
  type NewSession,
  newRecord,
  type RevocationListener,
  type RevokeAllOutcome,
  type RotationInput,
  type RotationOutcome,
  type SessionList,
  type SessionRecord,
  type SessionSelection,
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
    if (this.#sessions.get(session.sessionId)) {
      throw new InvalidInputError('sessionId', 'exists already');
    }
    const live = limit ? this.#live(session.userId, now) : [];
    const surplus = limit ? live.slice(0, Math.max(0, live.length - limit.max + 1)) : [];
    if (surplus.length > 0 && limit?.policy === 'refuse') return { kind: 'refused' };

    this.#sessions.makeRoom(now, this.#forgotten);
    const record = copyOf(newRecord(session, now));
    this.#sessions.set(record.sessionId, record);
    this.#users.add(record.userId, record.sessionId);
    this.#end(surplus, 'evicted', now);
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

  async rotate(request: RotationInput): Promise<RotationOutcome> {
    const record = this.#sessions.get(request.sessionId);
    if (!record) return { kind: 'missing' };
    const outcome = applyRotation(record, request, this.#clock());
    const after = outcome.record === record ? record : this.#write(outcome.record);
    if (outcome.kind === 'reuse_detected' || outcome.kind === 'fork') {
      this.#feed.revoked(after.sessionId, outcome.kind);
    }
    return { ...outcome, record: copyOf(after) };
  }

  async elevate(request: ElevationInput): Promise<WriteOutcome> {
    const record = this.#sessions.get(request.sessionId);
    if (!record) return { kind: 'missing' };
    const now = this.#clock();
    const kind =
      endOf(record, now) ?? (record.generation === request.generation ? 'written' : 'conflict');
    if (kind !== 'written') return { kind, record: copyOf(record), now };
    const after = this.#write(applyElevation(record, request, now));
    return { kind, record: copyOf(after), now };
  }

  async writeData({ sessionId, dataVersion, claims, data }: DataWriteInput): Promise<WriteOutcome> {
    const record = this.#sessions.get(sessionId);
    if (!record) return { kind: 'missing' };
    const now = this.#clock();
    const kind =
      endOf(record, now) ?? (record.dataVersion === dataVersion ? 'written' : 'conflict');
    if (kind !== 'written') return { kind, record: copyOf(record), now };
    const after = this.#write({ ...record, claims, data, dataVersion: dataVersion + 1 });
    return { kind, record: copyOf(after), now };
  }

  async touch(sessionId: string, generation: number): Promise<void> {
    const record = this.#sessions.get(sessionId);
    if (record) this.#recordActivity(record, generation, this.#clock());
  }

  async revoke(sessionId: string, reason: string, userId?: string): Promise<RevokeOutcome> {
    const record = this.#sessions.get(sessionId);
    if (!record || (userId !== undefined && record.userId !== userId)) return 'missing';
    if (record.revokedAt !== null) return 'already_revoked';
    this.#end([record], reason, this.#clock());
    return 'revoked';
  }

  async revokeAll(
    userId: string,
    reason: string,
    only: SessionSelection = {},
  ): Promise<RevokeAllOutcome> {
    const now = this.#clock();
    const selected = this.#live(userId, now).filter(
      ({ sessionId, deviceId }) =>
        sessionId !== only.exceptSessionId &&
        (only.deviceId === undefined || deviceId === only.deviceId),
    );
    this.#end(selected, reason, now);
    return { revoked: selected.map(({ sessionId }) => sessionId) };
  }

  async list(userId: string): Promise<SessionList> {
    const now = this.#clock();
    return { records: this.#live(userId, now).reverse().map(copyOf), now };
  }

  async deleteExpired(): Promise<number> {
    return this.#sessions.deletePast(this.#clock(), this.#forgotten);
  }

  subscribe(listener: RevocationListener): () => void {
    return this.#feed.subscribe(listener);
  }

  /** Returns a user's live sessions, oldest first. */
  #live(userId: string, now: number): SessionRecord[] {
    return [...this.#users.of(userId)]
      .map((sessionId) => this.#sessions.get(sessionId))
      .filter((record) => record !== undefined)
      .filter((record) => endOf(record, now) === null)
      .sort((a, b) => a.createdAt - b.createdAt || (a.sessionId < b.sessionId ? -1 : 1));
  }

  #recordActivity(record: SessionRecord, generation: number, now: number): SessionRecord {
    const after = applyTouch(record, generation, now);
    return after === record ? record : this.#write(after);
  }

  /** Revokes sessions. Notifies listeners after all writes, so that they may call the store. */
  #end(records: readonly SessionRecord[], reason: string, now: number): void {
    for (const record of records) this.#write({ ...record, revokedAt: now, revokedReason: reason });
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
