import { type Clock, InvalidInputError, type SessionPosition } from '@pawl/core';
import type * as pawl from '@pawl/core/store';
import {
  applyDataWrite,
  applyElevation,
  applyRotation,
  applyTouch,
  endOf,
  expiryOf,
  isSameCall,
  isSameCreation,
  isTouchDue,
  maxSessionPage,
  newRecord,
} from '@pawl/core/store';
import { createFeed } from './feed.ts';
import { deleteIf, verb } from './verb.ts';

/** The order of lists and evictions. */
const isOlder = (a: SessionPosition, b: SessionPosition): boolean =>
  a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.sessionId < b.sessionId);

/** A session store on a plain Map. It is a complete adapter for applications that need sessions only. */
export const sessionsOn = (now: Clock): pawl.SessionStore => {
  const sessions = new Map<string, pawl.SessionRecord>();
  const feed = createFeed();

  const change = (record: pawl.SessionRecord, to: Partial<pawl.SessionRecord>): void => {
    const wasRevoked = record.revokedAt !== null;
    const { sessionId, revokedReason: reason } = Object.assign(record, to);
    if (!wasRevoked && reason !== null) feed.revoked(sessionId, reason);
  };
  const end = (record: pawl.SessionRecord, revokedReason: string, revokedBy: Uint8Array): void =>
    change(record, { revokedAt: now(), revokedReason, revokedBy });
  /** Returns the sessions that a call has ended, also if it is sent again. */
  const endedBy = (callId: Uint8Array): string[] =>
    [...sessions.values()]
      .filter(({ revokedBy }) => isSameCall(revokedBy, callId))
      .map(({ sessionId }) => sessionId);
  const oldestFirst = (userId: string): pawl.SessionRecord[] =>
    [...sessions.values()]
      .filter((record) => record.userId === userId && endOf(record, now()) === null)
      .sort((a, b) => (isOlder(a, b) ? -1 : 1));
  const write = (
    sessionId: string,
    decide: (record: pawl.SessionRecord) => pawl.DecidedWrite,
  ): pawl.WriteOutcome => {
    const record = sessions.get(sessionId);
    if (!record) return { kind: 'missing' };
    const decided = decide(record);
    change(record, decided.record);
    return { ...decided, now: now() };
  };

  return {
    create: verb((session, limit = { max: Infinity, policy: 'refuse' }) => {
      const { sessionId, userId, callId } = session;
      const known = sessions.get(sessionId);
      if (known && !isSameCreation(known, session)) {
        throw new InvalidInputError('sessionId', 'exists already');
      }
      if (known) return { kind: 'created', record: known, evicted: endedBy(callId) };
      const live = oldestFirst(userId);
      const surplus = live.slice(0, Math.max(0, live.length + 1 - limit.max));
      if (surplus.length > 0 && limit.policy === 'refuse') return { kind: 'refused' };
      for (const record of surplus) end(record, 'evicted', callId);
      const record = newRecord(session, now());
      sessions.set(sessionId, record);
      return { kind: 'created', record, evicted: endedBy(callId) };
    }),
    find: verb((sessionId, activity) => {
      const record = sessions.get(sessionId);
      if (!record) return null;
      const due = activity && isTouchDue(record, activity, now());
      if (due) change(record, applyTouch(record, activity.generation, now()));
      return { record, now: now(), touchDue: false };
    }),
    rotate: verb((input) => {
      const record = sessions.get(input.sessionId);
      if (!record) return { kind: 'missing' };
      const outcome = applyRotation(record, input, now());
      change(record, outcome.record);
      return outcome;
    }),
    elevate: verb((input) =>
      write(input.sessionId, (record) => applyElevation(record, input, now())),
    ),
    writeData: verb((input) =>
      write(input.sessionId, (record) => applyDataWrite(record, input, now())),
    ),
    touch: verb((sessionId, generation) => {
      const record = sessions.get(sessionId);
      if (record) change(record, applyTouch(record, generation, now()));
    }),
    revoke: verb(({ sessionId, userId, reason, callId }) => {
      const record = sessions.get(sessionId);
      if (!record || record.userId !== (userId ?? record.userId)) return 'missing';
      if (record.revokedAt === null) end(record, reason, callId);
      return isSameCall(record.revokedBy, callId) ? 'revoked' : 'already_revoked';
    }),
    revokeAll: verb(({ userId, reason, callId, exceptSessionId, deviceId }) => {
      oldestFirst(userId)
        .filter((record) => record.sessionId !== exceptSessionId)
        .filter((record) => record.deviceId === (deviceId ?? record.deviceId))
        .forEach((record) => end(record, reason, callId));
      return { revoked: endedBy(callId) };
    }),
    list: verb((userId, { limit = maxSessionPage, after } = {}) => {
      const all = oldestFirst(userId).reverse();
      const records = after ? all.filter((record) => isOlder(record, after)) : all;
      return { records: records.slice(0, limit), now: now() };
    }),
    deleteExpired: verb(() => deleteIf(sessions, (record) => expiryOf(record) < now())),
    subscribe: feed.subscribe,
  };
};
