import { InvalidInputError, type SessionLimit } from '@pawl/core';
import {
  type Activity,
  applyRotation,
  type CreateOutcome,
  endOf,
  expiryOf,
  type FoundSession,
  isTouchDue,
  type NewSession,
  type SessionRecord,
  type SessionSelection,
  type WriteOutcome,
  withNextGeneration,
} from '@pawl/core/store';
import type { SessionCall } from './call.ts';

/** Returns the record of a new session: the input, the store's time and zero counters. */
export const recordOf = (session: NewSession, now: number): SessionRecord => {
  const { first, callId: _, ...given } = session;
  return {
    ...given,
    generation: 0,
    floor: 0,
    kid: first.kid,
    tokenHash: first.tokenHash,
    salt: first.salt,
    ring: new Uint8Array(0),
    accessHash: first.accessHash,
    previousAccessHash: null,
    confirmed: false,
    replays: 0,
    strikes: 0,
    lateRun: 0,
    lateReplayAt: null,
    lastCallId: null,
    createdAt: now,
    rotatedAt: now,
    issuedAt: first.issuedAt,
    lastActiveAt: now,
    revokedAt: null,
    revokedReason: null,
    revokedBy: null,
    regressedAt: null,
    dataVersion: 0,
    dataCallIds: new Uint8Array(0),
  };
};

/** Orders records by `createdAt`, then by `sessionId` as bytes. */
export const olderFirst = (a: SessionRecord, b: SessionRecord): number =>
  a.createdAt - b.createdAt || (a.sessionId < b.sessionId ? -1 : 1);

/**
 * A session store on a `Map`, one call after another. Property tests and races compare stores with it.
 * It has no bounds, does not copy and has no feed.
 */
export class SessionModel {
  readonly records: Map<string, SessionRecord>;

  constructor(records: Iterable<SessionRecord> = []) {
    this.records = new Map(Array.from(records, (record) => [record.sessionId, record]));
  }

  copy(): SessionModel {
    return new SessionModel(this.records.values());
  }

  /**
   * Applies a call at the time `now` and returns the expected result. Where a store may choose, the model
   * follows `actual`, the result of the store: whether `find` recorded the activity itself.
   */
  apply(call: SessionCall, now: number, actual: unknown): unknown {
    switch (call.verb) {
      case 'create':
        return this.#create(call.session, call.limit, createdAt(actual) ?? now);
      case 'find':
        return this.#find(call.sessionId, call.activity, now, actual);
      case 'rotate': {
        const record = this.records.get(call.input.sessionId);
        if (!record) return { kind: 'missing' };
        const outcome = applyRotation(record, call.input, now);
        this.#set(outcome.record);
        return outcome;
      }
      case 'elevate': {
        const { sessionId, generation, next, attributes } = call.input;
        return this.#writeIf(sessionId, now, (record) => {
          if (equal(record.tokenHash, next.tokenHash)) return record;
          if (record.generation !== generation) return null;
          return { ...withNextGeneration(record, next, now), floor: generation + 1, attributes };
        });
      }
      case 'writeData': {
        const { sessionId, dataVersion, claims, data, callId } = call.input;
        return this.#writeIf(sessionId, now, (record) => {
          const known = callsOf(record.dataCallIds);
          if (known.some((id) => equal(id, callId))) return record;
          if (record.dataVersion !== dataVersion) return null;
          const dataCallIds = Uint8Array.from(
            [callId, ...known].slice(0, 4).flatMap((id) => [...id]),
          );
          return { ...record, claims, data, dataVersion: dataVersion + 1, dataCallIds };
        });
      }
      case 'touch':
        this.#touch(call.sessionId, call.generation, now);
        return undefined;
      case 'revoke': {
        const { sessionId, userId, callId } = call.input;
        const record = this.records.get(sessionId);
        const foreign = userId !== undefined && userId !== record?.userId;
        if (!record || foreign) return 'missing';
        if (record.revokedBy && equal(record.revokedBy, callId)) return 'revoked';
        if (record.revokedAt !== null) return 'already_revoked';
        this.#end([record], call.input, now);
        return 'revoked';
      }
      case 'revokeAll': {
        const selected = this.#live(call.input.userId, now).filter(isSelected(call.input));
        this.#end(selected, call.input, now);
        return { revoked: this.#endedBy(call.input.callId) };
      }
      case 'list':
        return { records: this.#live(call.userId, now).toReversed(), now };
      case 'deleteExpired':
        for (const [id, record] of this.records) {
          if (expiryOf(record) < now) this.records.delete(id);
        }
        return undefined;
    }
  }

  #create(session: NewSession, limit: SessionLimit | undefined, now: number): CreateOutcome {
    const { userId, callId } = session;
    const known = this.records.get(session.sessionId);
    if (known) {
      const same = known.generation === 0 && equal(known.tokenHash, session.first.tokenHash);
      if (!same) throw new InvalidInputError('sessionId', 'exists already');
      return { kind: 'created', record: known, evicted: this.#endedBy(callId) };
    }
    const live = this.#live(userId, now);
    const surplus = limit ? live.slice(0, Math.max(0, live.length - limit.max + 1)) : [];
    if (surplus.length > 0 && limit?.policy === 'refuse') return { kind: 'refused' };
    this.#end(surplus, { reason: 'evicted', callId }, now);
    const record = recordOf(session, now);
    this.#set(record);
    return { kind: 'created', record, evicted: this.#endedBy(callId) };
  }

  #find(
    sessionId: string,
    activity: Activity | undefined,
    now: number,
    actual: unknown,
  ): FoundSession | null {
    const record = this.records.get(sessionId);
    if (!record) return null;
    const due = activity !== undefined && isTouchDue(record, activity, now);
    const touchDue = due && (actual as FoundSession | null)?.touchDue === true;
    if (due && !touchDue) this.#touch(sessionId, activity.generation, now);
    // The returned record may be the one before or after the activity was recorded.
    const seen = (actual as FoundSession | null)?.record;
    const after = this.records.get(sessionId) ?? record;
    const shown = showsActivity(seen, record, after) ? after : record;
    return { record: shown, now, touchDue };
  }

  #touch(sessionId: string, generation: number, now: number): void {
    const record = this.records.get(sessionId);
    if (!record || endOf(record, now) !== null) return;
    if (generation > record.generation) {
      this.#set({ ...record, regressedAt: record.regressedAt ?? now });
      return;
    }
    this.#set({
      ...record,
      lastActiveAt: Math.max(now, record.lastActiveAt),
      confirmed: record.confirmed || record.generation === generation,
    });
  }

  #writeIf(
    sessionId: string,
    now: number,
    change: (record: SessionRecord) => SessionRecord | null,
  ): WriteOutcome {
    const record = this.records.get(sessionId);
    if (!record) return { kind: 'missing' };
    const ended = endOf(record, now);
    if (ended) return { kind: ended, record, now };
    const after = change(record);
    if (!after) return { kind: 'conflict', record, now };
    this.#set(after);
    return { kind: 'written', record: after, now };
  }

  #live(userId: string, now: number): SessionRecord[] {
    return Array.from(this.records.values())
      .filter((record) => record.userId === userId && endOf(record, now) === null)
      .sort(olderFirst);
  }

  #end(
    records: readonly SessionRecord[],
    { reason, callId }: { readonly reason: string; readonly callId: Uint8Array },
    now: number,
  ): void {
    for (const record of records) {
      this.#set({ ...record, revokedAt: now, revokedReason: reason, revokedBy: callId });
    }
  }

  /** Returns the sessions that a call has ended, now or when it was sent the first time. */
  #endedBy(callId: Uint8Array): string[] {
    return Array.from(this.records.values())
      .filter(({ revokedBy }) => revokedBy !== null && equal(revokedBy, callId))
      .map(({ sessionId }) => sessionId);
  }

  #set(record: SessionRecord): void {
    this.records.set(record.sessionId, record);
  }
}

const isSelected =
  ({ exceptSessionId, deviceId }: SessionSelection) =>
  (record: SessionRecord): boolean =>
    record.sessionId !== exceptSessionId && (deviceId ?? record.deviceId) === record.deviceId;

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Returns the `callId`s of data writes that a record keeps, newest first. */
const callsOf = (ids: Uint8Array): Uint8Array[] =>
  Array.from({ length: ids.length / 16 }, (_, i) => ids.subarray(i * 16, i * 16 + 16));

/** Returns whether a returned record is the one after the activity was recorded, not the one before. */
const showsActivity = (
  seen: SessionRecord | undefined,
  before: SessionRecord,
  after: SessionRecord,
): boolean => {
  const marks = (record: SessionRecord): string =>
    `${record.confirmed} ${record.regressedAt === null}`;
  if (!seen) return false;
  if (marks(before) !== marks(after)) return marks(seen) === marks(after);
  return seen.lastActiveAt !== before.lastActiveAt;
};

const createdAt = (actual: unknown): number | undefined => {
  const outcome = actual as CreateOutcome | undefined;
  return outcome?.kind === 'created' ? outcome.record.createdAt : undefined;
};
