import { createSessions } from '@pawl/core';
import { createApiKeys } from '@pawl/core/api-keys';
import { createAccessTokens, jwtAccessTokens } from '@pawl/core/jwt';
import { createRateLimiter } from '@pawl/core/rate-limits';
import { createSingleUseTokens } from '@pawl/core/single-use';
import { describe, expect, it } from 'vitest';
import { codeOf, secrets } from './deployment.ts';
import { createMemoryStore } from './memory-store.ts';

const store = createMemoryStore();
const sessions = createSessions({ store, secrets });
const apiKeys = createApiKeys({ store, secrets });
const links = createSingleUseTokens({ store, secrets, purpose: 'link', lifetime: 60_000 });
const limiter = createRateLimiter({ store, secrets });
const accessTokens = createAccessTokens({
  secrets,
  blocklist: store,
  format: jwtAccessTokens({ issuer: 'i', audience: 'a' }),
});
const limit = { capacity: 1, refillInterval: 1_000 };
const callId = new Uint8Array(16);
const { blocklist, singleUse, leases, rateLimits } = store;

/** Every way in that takes an id, a key or a name. */
const entrances: Readonly<Record<string, (id: string) => unknown>> = {
  'sessions.create': (userId) => sessions.create({ userId }),
  'sessions.create, clientId': (clientId) => sessions.create({ userId: 'ann', clientId }),
  'sessions.create, actor': (actor) => sessions.create({ userId: 'ann', actor }),
  'sessions.create, organizationId': (organizationId) =>
    sessions.create({ userId: 'ann', organizationId }),
  'sessions.create, device.id': (id) => sessions.create({ userId: 'ann', device: { id } }),
  'sessions.get': (id) => sessions.get(id),
  'sessions.list': (userId) => sessions.list(userId),
  'sessions.revoke': (id) => sessions.revoke(id),
  'sessions.revokeAll': (userId) => sessions.revokeAll(userId),
  'sessions.revokeOthers': (id) => sessions.revokeOthers('ann', id),
  'sessions.revokeByDevice': (id) => sessions.revokeByDevice('ann', id),
  'sessions.update': (id) => sessions.update(id, () => ({})),
  'sessions.elevate': (id) => sessions.elevate(id),
  'apiKeys.create': (userId) => apiKeys.create({ userId, name: 'a' }),
  'apiKeys.create, name': (name) => apiKeys.create({ userId: 'ann', name }),
  'apiKeys.list': (userId) => apiKeys.list(userId),
  'apiKeys.revoke': (keyId) => apiKeys.revoke(keyId),
  'apiKeys.revokeAll': (userId) => apiKeys.revokeAll(userId),
  'singleUse.issue': (binding) => links.issue('a', { binding }),
  'limiter.consume, action': (action) => limiter.consume(action, 'ann', limit),
  'limiter.consume, subject': (subject) => limiter.consume('login', subject, limit),
  'accessTokens.issue': (userId) => accessTokens.issue({ userId }),
  'accessTokens.revokeAll': (userId) => accessTokens.revokeAll(userId),
  'blocklist.revoke': (id) => blocklist.revoke(id, 1),
  'blocklist.isRevoked': (id) => blocklist.isRevoked(['a', id]),
  'blocklist.revokeBefore': (id) => blocklist.revokeBefore?.(id, 1, 1),
  'singleUse.put': (key) => singleUse.put(key, 'a', 1_000, callId),
  'singleUse.take': (key) => singleUse.take(key, callId),
  'leases.acquire': (name) => leases.acquire(name, 1_000, callId),
  'rateLimits.consume': (key) => rateLimits.consume(key, limit, callId),
};

describe('an empty or missing id is a mistake of the caller', () => {
  it.each(Object.entries(entrances))('%s', async (_, call) => {
    expect(await codeOf(async () => call(''))).toBe('ERR_INPUT_INVALID');
    expect(await codeOf(async () => call(0 as never))).toBe('ERR_INPUT_INVALID');
  });

  it('a missing cookie takes no single-use token that was issued without a binding', async () => {
    const token = await links.issue('a');
    expect(await codeOf(links.take(token, { binding: '' }))).toBe('ERR_TOKEN_INVALID');
    expect(await links.take(token)).toBe('a');
  });
});
