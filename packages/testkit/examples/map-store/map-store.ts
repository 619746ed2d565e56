import { ApiKeyLimitError, type Clock, InvalidInputError, systemClock } from '@pawl/core';
import type * as pawl from '@pawl/core/store';
import { applyRateLimit, isSameCall, isSameKey } from '@pawl/core/store';
import { sessionsOn } from './map-sessions.ts';
import { deleteIf, verb } from './verb.ts';

/** A store on plain Maps. It has one node and no driver that could fail. */
export const createMapStore = (now: Clock = systemClock): pawl.Store => ({
  sessions: sessionsOn(now),
  blocklist: blocklistOn(now),
  singleUse: singleUseOn(now),
  apiKeys: apiKeysOn(now),
  leases: leasesOn(now),
  rateLimits: rateLimitsOn(now),
});

/** Returns an entry, or undefined if it has expired. */
const unlessExpired = <T extends { end: number }>(
  entry: T | undefined,
  now: number,
): T | undefined => (entry && entry.end > now ? entry : undefined);

const blocklistOn = (now: Clock): pawl.BlocklistStore => {
  const ends = new Map<string, number>();
  return {
    isRevoked: verb((ids) => ids.some((id) => (ends.get(id) ?? 0) > now())),
    revoke: verb((id, end) => void ends.set(id, Math.max(end, ends.get(id) ?? 0))),
    deleteExpired: verb(() => deleteIf(ends, (end) => end < now())),
  };
};

const singleUseOn = (now: Clock): pawl.SingleUseStore => {
  interface SingleUse {
    readonly value: string;
    readonly putBy: Uint8Array;
    takenBy: Uint8Array | null;
    end: number;
  }
  const values = new Map<string, SingleUse>();
  return {
    put: verb((key, value, ttl, callId) => {
      const before = unlessExpired(values.get(key), now());
      if (before && isSameCall(before.putBy, callId)) return true;
      if (before && before.takenBy === null) return false;
      values.set(key, { value, putBy: callId, takenBy: null, end: now() + ttl });
      return true;
    }),
    take: verb((key, callId) => {
      const entry = unlessExpired(values.get(key), now());
      if (!entry) return null;
      if (entry.takenBy === null) {
        // Keep the value for a minute, in case the call is sent again.
        Object.assign(entry, { takenBy: callId, end: Math.min(entry.end, now() + 60_000) });
      }
      return isSameCall(entry.takenBy, callId) ? entry.value : null;
    }),
    deleteExpired: verb(() => deleteIf(values, ({ end }) => end < now())),
  };
};

const apiKeysOn = (now: Clock): pawl.ApiKeyStore => {
  const keys = new Map<string, pawl.ApiKeyRecord>();
  const isLive = ({ revokedAt, expiresAt }: pawl.ApiKeyRecord): boolean =>
    revokedAt === null && (expiresAt ?? Infinity) > now();
  const liveOf = (userId: string): pawl.ApiKeyRecord[] =>
    [...keys.values()].filter((record) => record.userId === userId && isLive(record));
  const end = (record: pawl.ApiKeyRecord, revokedBy: Uint8Array): void =>
    void Object.assign(record, { revokedAt: now(), revokedBy });

  return {
    create: verb((key, limit = Infinity) => {
      const known = keys.get(key.keyId);
      if (known && !isSameKey(known, key)) throw new InvalidInputError('keyId', 'exists already');
      if (!known && liveOf(key.userId).length >= limit) throw new ApiKeyLimitError();
      const unused = { lastUsedAt: null, revokedAt: null, revokedBy: null };
      const record = known ?? { ...key, ...unused, createdAt: now() };
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
    revoke: verb(({ keyId, userId, callId }) => {
      const record = keys.get(keyId);
      if (!record || record.userId !== (userId ?? record.userId)) return 'missing';
      if (record.revokedAt === null) end(record, callId);
      return isSameCall(record.revokedBy, callId) ? 'revoked' : 'already_revoked';
    }),
    revokeAll: verb(({ userId, callId }) => {
      for (const record of liveOf(userId)) end(record, callId);
      return [...keys.values()].filter(({ revokedBy }) => isSameCall(revokedBy, callId)).length;
    }),
    deleteExpired: verb(() => deleteIf(keys, ({ expiresAt }) => (expiresAt ?? Infinity) < now())),
  };
};

const leasesOn = (now: Clock): pawl.LeaseStore => {
  const leases = new Map<string, { fence: number; end: number; grantedTo: Uint8Array }>();
  return {
    acquire: verb((name, ttl, callId) => {
      const before = leases.get(name);
      const held = unlessExpired(before, now());
      if (held) return isSameCall(held.grantedTo, callId) ? { fence: held.fence } : null;
      const fence = (before?.fence ?? 0) + 1;
      leases.set(name, { fence, end: now() + ttl, grantedTo: callId });
      return { fence };
    }),
    renew: verb((name, { fence }, ttl) => {
      const lease = unlessExpired(leases.get(name), now());
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

const rateLimitsOn = (now: Clock): pawl.RateLimitStore => {
  const buckets = new Map<string, { fullAt: number; lastCall: Uint8Array | null }>();
  return {
    consume: verb((key, limit, callId) => {
      const { fullAt, lastCall } = buckets.get(key) ?? { fullAt: null, lastCall: null };
      const decision = applyRateLimit(fullAt, limit, now(), isSameCall(lastCall, callId));
      const { allowed } = decision.outcome;
      buckets.set(key, { fullAt: decision.fullAt, lastCall: allowed ? callId : lastCall });
      return decision.outcome;
    }),
    deleteExpired: verb(() => deleteIf(buckets, ({ fullAt }) => fullAt < now())),
  };
};
