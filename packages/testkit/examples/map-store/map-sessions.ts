import { type Clock, InvalidInputError } from '@pawl/core';
import type * as pawl from '@pawl/core/store';
import {
  applyElevation,
  applyRotation,
  applyTouch,
  endOf,
  expiryOf,
  isTouchDue,
  newRecord,
} from '@pawl/core/store';
import { deleteIf, verb } from './verb.ts';

/** A session store on a plain Map. It is a complete adapter for applications that need sessions only. */
export const sessionsOn = (now: Clock): pawl.SessionStore => {
  const sessions = new Map<string, pawl.SessionRecord>();
  const listeners = new Set<pawl.RevocationListener>();

  const change = (record: pawl.SessionRecord, to: Partial<pawl.SessionRecord>): void => {
    const wasRevoked = record.revokedAt !== null;
    const { sessionId, revokedReason: reason } = Object.assign(record, to);
    if (wasRevoked || reason === null) return;
    for (const { revoked } of listeners) revoked(sessionId, reason);
  };
  const end = (record: pawl.SessionRecord, revokedReason: string): void =>
    change(record, { revokedAt: now(), revokedReason });
  const oldestFirst = (userId: string): pawl.SessionRecord[] =>
    [...sessions.values()]
      .filter((record) => record.userId === userId && endOf(record, now()) === null)
      .sort((a, b) => a.createdAt - b.createdAt || (a.sessionId < b.sessionId ? -1 : 1));
  const write = <V extends 'generation' | 'dataVersion'>(
    request: Pick<pawl.SessionRecord, 'sessionId' | V>,
    version: V,
    to: (record: pawl.SessionRecord) => Partial<pawl.SessionRecord>,
  ): pawl.WriteOutcome => {
    const record = sessions.get(request.sessionId);
    if (!record) return { kind: 'missing' };
    const isCurrent = record[version] === request[version];
    const kind = endOf(record, now()) ?? (isCurrent ? 'written' : 'conflict');
    if (kind === 'written') change(record, to(record));
    return { kind, record, now: now() };
  };

  return {
    create: verb((session, limit = { max: Infinity, policy: 'refuse' }) => {
      const { sessionId, userId } = session;
      if (sessions.has(sessionId)) throw new InvalidInputError('sessionId', 'exists already');
      const live = oldestFirst(userId);
      const surplus = live.slice(0, Math.max(0, live.length + 1 - limit.max));
      if (surplus.length > 0 && limit.policy === 'refuse') return { kind: 'refused' };
      for (const record of surplus) end(record, 'evicted');
      const record = newRecord(session, now());
      sessions.set(sessionId, record);
      return { kind: 'created', record, evicted: surplus.map((evicted) => evicted.sessionId) };
    }),
    find: verb((sessionId, activity) => {
      const record = sessions.get(sessionId);
      if (!record) return null;
      const due = activity && isTouchDue(record, activity, now());
      if (due) change(record, applyTouch(record, activity.generation, now()));
      return { record, now: now(), touchDue: false };
    }),
    rotate: verb((request) => {
      const record = sessions.get(request.sessionId);
      if (!record) return { kind: 'missing' };
      const outcome = applyRotation(record, request, now());
      change(record, outcome.record);
      return outcome;
    }),
    elevate: verb((request) =>
      write(request, 'generation', (record) => applyElevation(record, request, now())),
    ),
    writeData: verb(({ claims, data, ...request }) => {
      const dataVersion = request.dataVersion + 1;
      return write(request, 'dataVersion', () => ({ claims, data, dataVersion }));
    }),
    touch: verb((sessionId, generation) => {
      const record = sessions.get(sessionId);
      if (record) change(record, applyTouch(record, generation, now()));
    }),
    revoke: verb((sessionId, reason, userId) => {
      const record = sessions.get(sessionId);
      if (!record || record.userId !== (userId ?? record.userId)) return 'missing';
      if (record.revokedAt !== null) return 'already_revoked';
      end(record, reason);
      return 'revoked';
    }),
    revokeAll: verb((userId, reason, only = {}) => {
      const selected = oldestFirst(userId)
        .filter(({ sessionId }) => sessionId !== only.exceptSessionId)
        .filter(({ deviceId }) => deviceId === (only.deviceId ?? deviceId));
      for (const record of selected) end(record, reason);
      return { revoked: selected.map(({ sessionId }) => sessionId) };
    }),
    list: verb((userId) => ({ records: oldestFirst(userId).reverse(), now: now() })),
    deleteExpired: verb(() => deleteIf(sessions, (record) => expiryOf(record) < now())),
    subscribe(listener) {
      listeners.add(listener);
      listener.connected(true);
      return () => listeners.delete(listener);
    },
  };
};
