import { pause } from '@pawl/core/internal';
import { newCallId } from '@pawl/core/store';
import { type RedisCluster, type RedisServer, startRedisCluster } from '@pawl/servers';
import { newApiKey, newSession, newUserId, rotationInput } from '@pawl/testkit';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KeyNames, shardOf } from '../src/key-names.ts';
import { type Node, openNode } from './nodes.ts';

let cluster: RedisCluster;
let node: Node;
beforeAll(async () => {
  cluster = await startRedisCluster();
  node = openNode(() => new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port }))));
}, 30_000);
afterAll(async () => {
  node.close();
  await cluster.stop();
});

/** Starts the migration of a user's slot from one node to another. */
const startMoving = async (
  userId: string,
): Promise<{ moveKeys(): Promise<void>; finish(): Promise<void> }> => {
  const [first] = cluster.masters as [RedisServer];
  const slot = (await first.command('CLUSTER', 'KEYSLOT', `{${shardOf(userId)}}`)) as number;
  const from = cluster.masters[Math.floor(slot / (16_384 / 3))] as RedisServer;
  const to = cluster.masters.find((master) => master !== from) as RedisServer;
  const [fromId, toId] = [await from.text('CLUSTER', 'MYID'), await to.text('CLUSTER', 'MYID')];
  await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
  await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
  return {
    /** Moves one key at a time, as a slow migration does. */
    moveKeys: async () => {
      for (;;) {
        const [key] = (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, 1)) as string[];
        if (key === undefined) return;
        await from.command('MIGRATE', to.host, to.port, key, 0, 1_000);
        await pause(10);
      }
    },
    finish: async () => {
      for (const master of [to, from])
        await master.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    },
  };
};

it('while a slot migrates, no session is missed and no call fails', {
  timeout: 30_000,
}, async () => {
  const { sessions, apiKeys } = node.store;
  const userId = newUserId();
  const ids: string[] = [];
  for (let i = 0; i < 20; i++) {
    const session = newSession({ userId });
    await sessions.create(session);
    ids.push(session.sessionId);
  }
  await apiKeys.create(newApiKey({ userId }));
  const slot = await startMoving(userId);
  let moving = true;
  const moved = slot
    .moveKeys()
    .then(() => slot.finish())
    .finally(() => {
      moving = false;
    });

  const generations = new Map<string, number>();
  let lists = 0;
  const listing = (async () => {
    while (moving) {
      const { records } = await sessions.list(userId);
      expect(records).toHaveLength(ids.length);
      expect(await apiKeys.list(userId)).toHaveLength(1);
      lists++;
    }
  })();
  const refreshing = (async () => {
    for (let i = 0; moving; i++) {
      const id = ids[i % ids.length] as string;
      const generation = generations.get(id) ?? 0;
      const request = rotationInput(id, generation);
      const policy = { ...request.policy, settlePeriod: 0 };
      const { kind } = await sessions.rotate({ ...request, policy });
      expect(kind).toBe('rotated');
      generations.set(id, generation + 1);
    }
  })();
  await Promise.all([moved, listing, refreshing]);
  expect(lists).toBeGreaterThan(0);
  expect([...generations.values()].reduce((a, b) => a + b)).toBeGreaterThan(20);
  expect((await sessions.list(userId)).records).toHaveLength(ids.length);
});

it('while a slot migrates, revokeAll, a limited login and a logout work', {
  timeout: 30_000,
}, async () => {
  const { sessions } = node.store;
  const userId = newUserId();
  const ids: string[] = [];
  for (let i = 0; i < 20; i++) {
    const session = newSession({ userId });
    await sessions.create(session);
    ids.push(session.sessionId);
  }
  const slot = await startMoving(userId);
  const moved = slot.moveKeys().then(() => slot.finish());
  await pause(50);
  const [first = ''] = ids;
  expect(await sessions.revoke({ sessionId: first, reason: 'logout', callId: newCallId() })).toBe(
    'revoked',
  );
  const latest = newSession({ userId });
  const created = await sessions.create(latest, { max: 19, policy: 'evict_oldest' });
  const evicted = created.kind === 'created' ? created.evicted : [];
  expect(evicted).toHaveLength(1);
  const { revoked } = await sessions.revokeAll({
    userId,
    reason: 'password_changed',
    callId: newCallId(),
  });
  const left = ids.filter((id) => id !== first && !evicted.includes(id));
  expect(new Set(revoked)).toEqual(new Set([...left, latest.sessionId]));
  await moved;
  for (const id of ids) expect((await sessions.find(id))?.record.revokedReason).toBeTruthy();
  // An index without ids does not exist, on any node.
  const key = new KeyNames('pawl:').sessionsOf(userId);
  await expect.poll(async () => (await sessions.list(userId)).records).toEqual([]);
  expect(await node.client.exists(key)).toBe(0);
});
