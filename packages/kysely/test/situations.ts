import { newCallId } from '@pawl/core/store';
import {
  dataWriteInput,
  defaultPolicy,
  elevationInput,
  newApiKey,
  newSession,
  newUserId,
  replayInput,
  rotationInput,
  strictPolicy,
} from '@pawl/testkit';
import { expect } from 'vitest';
import type { KyselyStore } from '../src/store.ts';

/** Prepares a situation, and returns the call whose statements are counted. */
export type Situation = (store: KyselyStore) => Promise<() => Promise<unknown>>;

/** The number of statements of a call, including `begin` and `commit`. */
export type Costs = readonly [postgres: number, mysql: number, sqlite: number];

const createOne = async (store: KyselyStore): Promise<ReturnType<typeof newSession>> => {
  const session = newSession();
  await store.sessions.create(session);
  return session;
};

const withoutSettling = { ...defaultPolicy, settlePeriod: 0 };

/** Creates a session of generation 1. */
const createRotated = async (store: KyselyStore): Promise<string> => {
  const { sessionId } = await createOne(store);
  await store.sessions.rotate(rotationInput(sessionId, 0));
  return sessionId;
};

const presenting =
  (
    generation: number,
    kind: string,
    change: Partial<ReturnType<typeof rotationInput>> = {},
  ): Situation =>
  async (store) => {
    const sessionId = await createRotated(store);
    return async () => {
      const outcome = await store.sessions.rotate(replayInput(sessionId, generation, change));
      expect(outcome.kind).toBe(kind);
    };
  };

const bucket = { capacity: 1, refillInterval: 3_600_000 };

const limited =
  (existing: number, max: number, policy: 'evict_oldest' | 'refuse'): Situation =>
  async (store) => {
    const userId = newUserId();
    for (let i = 0; i < existing; i++) await store.sessions.create(newSession({ userId }));
    return () => store.sessions.create(newSession({ userId }), { max, policy });
  };

/** Every verb with every outcome. */
export const situations: Readonly<Record<string, readonly [Costs, Situation]>> = {
  create: [[1, 1, 1], async (store) => () => store.sessions.create(newSession())],
  'create, below the limit': [[1, 5, 5], limited(1, 2, 'evict_oldest')],
  'create, one evicted': [[1, 7, 7], limited(2, 2, 'evict_oldest')],
  'create, refused': [[1, 5, 5], limited(2, 2, 'refuse')],
  find: [
    [1, 1, 1],
    async (store) => {
      const { sessionId } = await createOne(store);
      return () => store.sessions.find(sessionId, { generation: 0, interval: 0 });
    },
  ],
  rotate: [[1, 2, 1], presenting(1, 'rotated', { policy: withoutSettling })],
  'rotate: missing': [
    [2, 1, 2],
    async (store) => () => store.sessions.rotate(rotationInput('x', 0)),
  ],
  'rotate: settled': [[3, 2, 3], presenting(1, 'settled')],
  'rotate: replayed': [[3, 2, 3], presenting(0, 'replayed')],
  'rotate: retry': [
    [2, 1, 2],
    presenting(0, 'retry', {
      policy: { ...withoutSettling, maxReplays: 0, maxUnconfirmedReplays: 0 },
    }),
  ],
  'rotate: strike': [
    [3, 2, 3],
    async (store) => {
      const sessionId = await createRotated(store);
      await store.sessions.touch(sessionId, 1);
      const policy = { ...strictPolicy, strikePeriod: 60_000 };
      return () => store.sessions.rotate(replayInput(sessionId, 0, { policy }));
    },
  ],
  'rotate: reuse detected': [[3, 2, 3], presenting(0, 'reuse_detected', { policy: strictPolicy })],
  'rotate: late replay': [
    [3, 2, 3],
    presenting(0, 'replayed', { policy: { ...strictPolicy, maxUnconfirmedReplays: 1 } }),
  ],
  'rotate: another history': [
    [3, 2, 3],
    presenting(1, 'regression', { tokenHash: new Uint8Array(32) }),
  ],
  'rotate: fork': [
    [3, 2, 3],
    async (store) => {
      const sessionId = await createRotated(store);
      await store.sessions.touch(sessionId, 1);
      const policy = { ...defaultPolicy, regressionPeriod: 0 };
      const input = rotationInput(sessionId, 1, { tokenHash: new Uint8Array(32), policy });
      return async () => expect((await store.sessions.rotate(input)).kind).toBe('fork');
    },
  ],
  'rotate: regression': [[3, 2, 3], presenting(2, 'regression')],
  'rotate: regression once more': [
    [2, 1, 2],
    async (store) => {
      const sessionId = await createRotated(store);
      await store.sessions.rotate(rotationInput(sessionId, 2));
      return () => store.sessions.rotate(rotationInput(sessionId, 2));
    },
  ],
  'rotate: sent again': [
    [2, 1, 2],
    async (store) => {
      const { sessionId } = await createOne(store);
      const input = rotationInput(sessionId, 0);
      await store.sessions.rotate(input);
      return async () => expect((await store.sessions.rotate(input)).kind).toBe('rotated');
    },
  ],
  'rotate: revoked': [
    [2, 1, 2],
    async (store) => {
      const sessionId = await createRotated(store);
      await store.sessions.revoke({ sessionId, reason: 'logout', callId: newCallId() });
      return () => store.sessions.rotate(rotationInput(sessionId, 1));
    },
  ],
  elevate: [
    [2, 2, 2],
    async (store) => {
      const { sessionId } = await createOne(store);
      return () => store.sessions.elevate(elevationInput(sessionId, 0));
    },
  ],
  'elevate: conflict': [
    [1, 1, 1],
    async (store) => {
      const { sessionId } = await createOne(store);
      return () => store.sessions.elevate(elevationInput(sessionId, 1));
    },
  ],
  writeData: [
    [2, 2, 2],
    async (store) => {
      const { sessionId } = await createOne(store);
      return () => store.sessions.writeData(dataWriteInput(sessionId, 0));
    },
  ],
  touch: [
    [1, 1, 1],
    async (store) => {
      const { sessionId } = await createOne(store);
      return () => store.sessions.touch(sessionId, 0);
    },
  ],
  revoke: [
    [1, 1, 1],
    async (store) => {
      const { sessionId, userId } = await createOne(store);
      return () =>
        store.sessions.revoke({ sessionId, reason: 'logout', userId, callId: newCallId() });
    },
  ],
  'revoke: missing': [
    [1, 1, 1],
    async (store) => () =>
      store.sessions.revoke({ sessionId: 'x', reason: 'logout', callId: newCallId() }),
  ],
  revokeAll: [
    [1, 2, 1],
    async (store) => {
      const { userId } = await createOne(store);
      await store.sessions.create(newSession({ userId }));
      return () => store.sessions.revokeAll({ userId, reason: 'logout', callId: newCallId() });
    },
  ],
  'create, sent again': [
    [2, 2, 2],
    async (store) => {
      const session = await createOne(store);
      return () => store.sessions.create(session);
    },
  ],
  'revoke: sent again': [
    [1, 1, 1],
    async (store) => {
      const { sessionId } = await createOne(store);
      const input = { sessionId, reason: 'logout', callId: newCallId() };
      await store.sessions.revoke(input);
      return () => store.sessions.revoke(input);
    },
  ],
  'revokeAll: sent again': [
    [1, 2, 1],
    async (store) => {
      const { userId } = await createOne(store);
      const input = { userId, reason: 'logout', callId: newCallId() };
      await store.sessions.revokeAll(input);
      return () => store.sessions.revokeAll(input);
    },
  ],
  list: [
    [1, 1, 1],
    async (store) => {
      const { userId } = await createOne(store);
      return () => store.sessions.list(userId);
    },
  ],
  'blocklist.isRevoked': [
    [1, 1, 1],
    async ({ blocklist }) =>
      () =>
        blocklist.isRevoked(['a', 'b']),
  ],
  'blocklist.isRevoked, with a user': [
    [1, 1, 1],
    async ({ blocklist }) =>
      () =>
        blocklist.isRevoked(['a', 'b'], { subject: 'user-1', issuedAt: 1_000 }),
  ],

  'blocklist.revokeBefore': [
    [1, 1, 1],
    async ({ blocklist }) =>
      async () =>
        (await blocklist.revokeBefore?.('user-1', 1_000, 1)) ?? null,
  ],

  'blocklist.revoke': [
    [1, 1, 1],
    async ({ blocklist }) =>
      () =>
        blocklist.revoke('a', 1),
  ],
  'singleUse.put': [
    [1, 1, 1],
    async ({ singleUse }) =>
      () =>
        singleUse.put('a', 'b', 60_000, newCallId()),
  ],
  'singleUse.put, taken': [
    [1, 1, 1],
    async ({ singleUse }) => {
      await singleUse.put('c', 'b', 60_000, newCallId());
      return () => singleUse.put('c', 'b', 60_000, newCallId());
    },
  ],
  'singleUse.take': [
    [1, 2, 1],
    async ({ singleUse }) => {
      await singleUse.put('d', 'b', 60_000, newCallId());
      return () => singleUse.take('d', newCallId());
    },
  ],
  'singleUse.take, missing': [
    [1, 1, 1],
    async ({ singleUse }) =>
      () =>
        singleUse.take('nothing', newCallId()),
  ],
  'singleUse.take: sent again': [
    [1, 1, 1],
    async ({ singleUse }) => {
      await singleUse.put('e', 'b', 60_000, newCallId());
      const callId = newCallId();
      await singleUse.take('e', callId);
      return () => singleUse.take('e', callId);
    },
  ],
  'apiKeys.create': [
    [1, 1, 1],
    async ({ apiKeys }) =>
      () =>
        apiKeys.create(newApiKey()),
  ],
  'apiKeys.find': [
    [1, 1, 1],
    async ({ apiKeys }) => {
      const { keyId } = await apiKeys.create(newApiKey());
      return () => apiKeys.find(keyId);
    },
  ],
  'apiKeys.list': [
    [1, 1, 1],
    async ({ apiKeys }) =>
      () =>
        apiKeys.list('nobody'),
  ],
  'apiKeys.revoke': [
    [1, 1, 1],
    async ({ apiKeys }) => {
      const { keyId } = await apiKeys.create(newApiKey());
      return () => apiKeys.revoke({ keyId, callId: newCallId() });
    },
  ],
  'apiKeys.revokeAll': [
    [1, 2, 1],
    async ({ apiKeys }) => {
      const { userId } = await apiKeys.create(newApiKey());
      return async () => expect(await apiKeys.revokeAll({ userId, callId: newCallId() })).toBe(1);
    },
  ],
  'leases.acquire': [
    [1, 1, 1],
    async ({ leases }) =>
      () =>
        leases.acquire('a', 60_000, newCallId()),
  ],
  'leases.renew': [
    [1, 1, 1],
    async ({ leases }) =>
      () =>
        leases.renew('a', { fence: 1 }, 60_000),
  ],
  'leases.release': [
    [1, 1, 1],
    async ({ leases }) =>
      () =>
        leases.release('a', { fence: 1 }),
  ],
  'rateLimits.consume': [
    [1, 1, 1],
    async ({ rateLimits }) =>
      () =>
        rateLimits.consume('a', bucket, newCallId()),
  ],
  'rateLimits.consume, refused': [
    [1, 1, 1],
    async ({ rateLimits }) => {
      await rateLimits.consume('b', bucket, newCallId());
      return () => rateLimits.consume('b', bucket, newCallId());
    },
  ],
};
