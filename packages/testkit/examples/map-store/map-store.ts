import { type Clock, InvalidInputError, systemClock } from '@pawl/core';
import type * as pawl from '@pawl/core/store';
import { applyRateLimit } from '@pawl/core/store';
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
  const values = new Map<string, { value: string; end: number }>();
  return {
    put: verb((key, value, ttl) => {
      if (unlessExpired(values.get(key), now())) return false;
      values.set(key, { value, end: now() + ttl });
      return true;
    }),
    take: verb((key) => {
      const entry = unlessExpired(values.get(key), now());
      values.delete(key);
      return entry?.value ?? null;
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

const leasesOn = (now: Clock): pawl.LeaseStore => {
  const leases = new Map<string, { fence: number; end: number }>();
  return {
    acquire: verb((name, ttl) => {
      const before = leases.get(name);
      if (unlessExpired(before, now())) return null;
      const fence = (before?.fence ?? 0) + 1;
      leases.set(name, { fence, end: now() + ttl });
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
  const fullAt = new Map<string, number>();
  return {
    consume: verb((key, limit) => {
      const decision = applyRateLimit(fullAt.get(key) ?? null, limit, now());
      fullAt.set(key, decision.fullAt);
      return decision.outcome;
    }),
    deleteExpired: verb(() => deleteIf(fullAt, (time) => time < now())),
  };
};
