import type * as pawl from '@pawl/core/store';
import {
  applyElevation,
  applyRotation,
  applyTouch,
  endOf,
  expiryOf,
  InvalidInputError,
  isTouchDue,
  newRecord,
  systemClock,
} from '@pawl/core/store';

/** A Pawl store on plain Maps. It has one node, and no driver that could fail. */
export const createMapStore = (now: pawl.Clock = systemClock): pawl.Store => ({
  sessions: sessionsOn(now),
  blocklist: blocklistOn(now),
  singleUse: singleUseOn(now),
  apiKeys: apiKeysOn(now),
  leases: leasesOn(now),
});

/** A verb of a port: atomic, for `run` cannot wait; what goes in and what comes out is a copy. */
const verb =
  <A extends unknown[], R>(run: (...args: A) => R) =>
  async (...args: A): Promise<R> =>
    structuredClone(run(...structuredClone(args)));

/** What holds until its end, and is nothing from then on. */
const unlessOver = <T extends { end: number }>(entry: T | undefined, now: number): T | undefined =>
  entry && entry.end > now ? entry : undefined;

const deleteIf = <T>(map: Map<string, T>, isPast: (value: T) => boolean): number =>
  [...map].filter(([key, value]) => isPast(value) && map.delete(key)).length;

const sessionsOn = (now: pawl.Clock): pawl.SessionStore => {
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

const blocklistOn = (now: pawl.Clock): pawl.BlocklistStore => {
  const ends = new Map<string, number>();
  return {
    isRevoked: verb((ids) => ids.some((id) => (ends.get(id) ?? 0) > now())),
    revoke: verb((id, end) => void ends.set(id, Math.max(end, ends.get(id) ?? 0))),
    deleteExpired: verb(() => deleteIf(ends, (end) => end < now())),
  };
};

const singleUseOn = (now: pawl.Clock): pawl.SingleUseStore => {
  const values = new Map<string, { value: string; end: number }>();
  return {
    put: verb((key, value, ttl) => {
      if (unlessOver(values.get(key), now())) return false;
      values.set(key, { value, end: now() + ttl });
      return true;
    }),
    take: verb((key) => {
      const entry = unlessOver(values.get(key), now());
      values.delete(key);
      return entry?.value ?? null;
    }),
    deleteExpired: verb(() => deleteIf(values, ({ end }) => end < now())),
  };
};

const apiKeysOn = (now: pawl.Clock): pawl.ApiKeyStore => {
  const keys = new Map<string, pawl.ApiKeyRecord>();
  const isLive = ({ revokedAt, expiresAt }: pawl.ApiKeyRecord): boolean =>
    revokedAt === null && (expiresAt ?? Infinity) > now();
  const liveOf = (userId: string): pawl.ApiKeyRecord[] =>
    [...keys.values()].filter((record) => record.userId === userId && isLive(record));

  return {
    create: verb((key) => {
      if (keys.has(key.keyId)) throw new InvalidInputError('keyId', 'exists already');
      const record = { ...key, createdAt: now(), lastUsedAt: null, revokedAt: null };
      keys.set(key.keyId, record);
      return record;
    }),
    find: verb((keyId, interval) => {
      const record = keys.get(keyId);
      if (!record) return null;
      const isDue = interval !== undefined && now() - (record.lastUsedAt ?? -Infinity) >= interval;
      if (isDue && isLive(record)) Object.assign(record, { lastUsedAt: now() });
      return { record, now: now() };
    }),
    list: verb((userId) => liveOf(userId).sort((a, b) => b.createdAt - a.createdAt)),
    revoke: verb((keyId, userId) => {
      const record = keys.get(keyId);
      if (!record || record.userId !== (userId ?? record.userId)) return 'missing';
      if (record.revokedAt !== null) return 'already_revoked';
      Object.assign(record, { revokedAt: now() });
      return 'revoked';
    }),
    revokeAll: verb(
      (userId) => liveOf(userId).map((key) => Object.assign(key, { revokedAt: now() })).length,
    ),
    deleteExpired: verb(() => deleteIf(keys, ({ expiresAt }) => (expiresAt ?? Infinity) < now())),
  };
};

const leasesOn = (now: pawl.Clock): pawl.LeaseStore => {
  const leases = new Map<string, { fence: number; end: number }>();
  return {
    acquire: verb((name, ttl) => {
      const before = leases.get(name);
      if (unlessOver(before, now())) return null;
      const fence = (before?.fence ?? 0) + 1;
      leases.set(name, { fence, end: now() + ttl });
      return { fence };
    }),
    renew: verb((name, { fence }, ttl) => {
      const lease = unlessOver(leases.get(name), now());
      if (lease?.fence !== fence) return false;
      lease.end = now() + ttl;
      return true;
    }),
    release: verb((name, { fence }) => {
      const lease = leases.get(name);
      if (lease?.fence === fence) lease.end = 0;
    }),
  };
};
