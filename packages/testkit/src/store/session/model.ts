import type { SessionLimit } from '@pawl/core';
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
  const { first, ...given } = session;
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
    createdAt: now,
    rotatedAt: now,
    issuedAt: first.issuedAt,
    lastActiveAt: now,
    revokedAt: null,
    revokedReason: null,
    dataVersion: 0,
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
        return this.#writeIf(sessionId, now, (record) =>
          record.generation === generation
            ? { ...withNextGeneration(record, next, now), floor: generation + 1, attributes }
            : null,
        );
      }
      case 'writeData': {
        const { sessionId, dataVersion, claims, data } = call.input;
        return this.#writeIf(sessionId, now, (record) =>
          record.dataVersion === dataVersion
            ? { ...record, claims, data, dataVersion: dataVersion + 1 }
            : null,
        );
      }
      case 'touch':
        this.#touch(call.sessionId, call.generation, now);
        return undefined;
      case 'revoke': {
        const record = this.records.get(call.sessionId);
        const foreign = call.userId !== undefined && call.userId !== record?.userId;
        if (!record || foreign) return 'missing';
        if (record.revokedAt !== null) return 'already_revoked';
        this.#end([record], call.reason, now);
        return 'revoked';
      }
      case 'revokeAll': {
        const selected = this.#live(call.userId, now).filter(isSelected(call.only ?? {}));
        return { revoked: this.#end(selected, call.reason, now) };
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
    const live = this.#live(session.userId, now);
    const surplus = limit ? live.slice(0, Math.max(0, live.length - limit.max + 1)) : [];
    if (surplus.length > 0 && limit?.policy === 'refuse') return { kind: 'refused' };
    const evicted = this.#end(surplus, 'evicted', now);
    const record = recordOf(session, now);
    this.#set(record);
    return { kind: 'created', record, evicted };
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
    const recorded =
      seen?.lastActiveAt !== record.lastActiveAt || seen.confirmed !== record.confirmed;
    return { record: (recorded && this.records.get(sessionId)) || record, now, touchDue };
  }

  #touch(sessionId: string, generation: number, now: number): void {
    const record = this.records.get(sessionId);
    if (!record || endOf(record, now) !== null) return;
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

  #end(records: readonly SessionRecord[], reason: string, now: number): string[] {
    for (const record of records) this.#set({ ...record, revokedAt: now, revokedReason: reason });
    return records.map(({ sessionId }) => sessionId);
  }

  #set(record: SessionRecord): void {
    this.records.set(record.sessionId, record);
  }
}

const isSelected =
  ({ exceptSessionId, deviceId }: SessionSelection) =>
  (record: SessionRecord): boolean =>
    record.sessionId !== exceptSessionId && (deviceId ?? record.deviceId) === record.deviceId;

const createdAt = (actual: unknown): number | undefined => {
  const outcome = actual as CreateOutcome | undefined;
  return outcome?.kind === 'created' ? outcome.record.createdAt : undefined;
};
