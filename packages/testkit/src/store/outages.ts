import type { Store } from '@pawl/core/store';
import {
  newApiKey,
  newCallId,
  newUserId,
  revokeAllKeysInput,
  revokeKeyInput,
} from '../fixtures/builders.ts';
import type { Suite } from '../harness/suite.ts';
import { registerOutage } from './outage.ts';

/** Later than every clock of a test. */
const later = Date.UTC(2090, 0);

/** A failure of the store never means "not on the list". */
export const registerBlocklistOutage = (suite: Suite<Pick<Store, 'blocklist'>>): void =>
  registerOutage(suite, 'blocklist outage', async ({ blocklist }, t) => {
    const id = newUserId();
    await blocklist.revoke(id, later);
    return {
      verbs: {
        isRevoked: () => blocklist.isRevoked([id]),
        'isRevoked of another id': () => blocklist.isRevoked([newUserId()]),
        revoke: () => blocklist.revoke(newUserId(), later),
        deleteExpired: () => blocklist.deleteExpired(),
      },
      check: async () => t.same(await blocklist.isRevoked([id]), true),
    };
  });

/** A failure of the store never means "not there". */
export const registerSingleUseOutage = (suite: Suite<Pick<Store, 'singleUse'>>): void =>
  registerOutage(suite, 'single use outage', async ({ singleUse }, t) => {
    const [key, other] = [newUserId(), newUserId()];
    await singleUse.put(key, 'value', 3_600_000, newCallId());
    await singleUse.put(other, 'value', 3_600_000, newCallId());
    return {
      verbs: {
        put: () => singleUse.put(newUserId(), 'value', 60_000, newCallId()),
        'put under a used key': () => singleUse.put(key, 'other', 60_000, newCallId()),
        take: () => singleUse.take(other, newCallId()),
        'take of a missing value': () => singleUse.take(newUserId(), newCallId()),
        deleteExpired: () => singleUse.deleteExpired(),
      },
      check: async () =>
        t.same(await singleUse.put(key, 'other', 60_000, newCallId()), false, 'the value is kept'),
    };
  });

/** A failure of the store never means "no such key". */
export const registerApiKeyOutage = (suite: Suite<Pick<Store, 'apiKeys'>>): void =>
  registerOutage(suite, 'api key outage', async ({ apiKeys }, t) => {
    const [key, other] = [newApiKey(), newApiKey()];
    const created = await apiKeys.create(key);
    await apiKeys.create(other);
    return {
      verbs: {
        create: () => apiKeys.create(newApiKey()),
        find: () => apiKeys.find(key.keyId),
        'find with an interval': () => apiKeys.find(other.keyId, 1),
        list: () => apiKeys.list(key.userId),
        revoke: () => apiKeys.revoke(revokeKeyInput(other.keyId)),
        revokeAll: () => apiKeys.revokeAll(revokeAllKeysInput(other.userId)),
        deleteExpired: () => apiKeys.deleteExpired(),
      },
      check: async () => {
        t.same((await apiKeys.find(key.keyId))?.record, created);
        t.same(await apiKeys.list(key.userId), [created]);
      },
    };
  });

/** A failure of the store never means "another caller holds it". */
export const registerLeaseOutage = (suite: Suite<Pick<Store, 'leases'>>): void =>
  registerOutage(suite, 'lease outage', async ({ leases }, t) => {
    const [name, other] = [newUserId(), newUserId()];
    await leases.acquire(name, 3_600_000, newCallId());
    const lease = (await leases.acquire(other, 3_600_000, newCallId())) ?? { fence: 0 };
    return {
      verbs: {
        acquire: () => leases.acquire(newUserId(), 60_000, newCallId()),
        'acquire a held lease': () => leases.acquire(name, 60_000, newCallId()),
        renew: () => leases.renew(other, lease, 60_000),
        release: () => leases.release(newUserId(), lease),
      },
      check: async () =>
        t.same(await leases.acquire(name, 60_000, newCallId()), null, 'the lease is held'),
    };
  });

/** A failure of the store means neither "allowed" nor "refused". */
export const registerRateLimitOutage = (suite: Suite<Pick<Store, 'rateLimits'>>): void =>
  registerOutage(suite, 'rate limit outage', async ({ rateLimits }, t) => {
    const key = newUserId();
    const limit = { capacity: 1, refillInterval: 3_600_000 };
    await rateLimits.consume(key, limit, newCallId());
    return {
      verbs: {
        consume: () => rateLimits.consume(newUserId(), limit, newCallId()),
        'consume from an empty bucket': () => rateLimits.consume(key, limit, newCallId()),
        deleteExpired: () => rateLimits.deleteExpired(),
      },
      check: async () => t.same((await rateLimits.consume(key, limit, newCallId())).allowed, false),
    };
  });
