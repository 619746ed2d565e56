import { pause } from '@pawl/core/internal';
import type { SessionRecord } from '@pawl/core/store';
import { startRedisCluster, startSentinel } from '@pawl/servers';
import { newSession, rotationInput } from '@pawl/testkit';
import { Cluster, Redis } from 'ioredis';
import { expect, it } from 'vitest';
import type { RedisStore } from '../src/store.ts';
import { type Client, openNode } from './nodes.ts';

/** Rotates repeatedly, and returns the last acknowledged generation. */
const rotateWhile = async (
  { sessions }: RedisStore,
  sessionId: string,
  goesOn: () => boolean,
): Promise<{ sessionId: string; generation: number }> => {
  let generation = 0;
  while (goesOn()) {
    const request = rotationInput(sessionId, generation);
    const policy = { ...request.policy, settlePeriod: 0 };
    const outcome = await sessions.rotate({ ...request, policy }).catch(() => null);
    // After an error it presents the same token again, because the rotation may have happened.
    if (outcome?.kind === 'rotated' || outcome?.kind === 'replayed') generation++;
    else if (outcome) throw new Error(`"${outcome.kind}" during a failover`);
    else await pause(50);
  }
  return { sessionId, generation };
};

/** Returns the last acknowledged generation and the record of each session. */
const failOver = async (
  connect: () => Client,
  kill: () => Promise<void>,
): Promise<{ generation: number; found: SessionRecord | undefined }[]> => {
  const node = openNode(connect);
  const wait = openNode(connect);
  const store = node.storeWith({ wait: { client: wait.client, replicas: 1, timeout: 2_000 } });
  const created = Array.from({ length: 8 }, () => newSession());
  // All sessions are created before the kill, because the test is about rotations.
  await Promise.all(created.map((session) => store.sessions.create(session)));
  let killed = false;
  const workers = Promise.all(
    created.map(({ sessionId }) => rotateWhile(store, sessionId, () => !killed)),
  );
  const killing = pause(300)
    .then(kill)
    .finally(() => {
      killed = true;
    });
  const [rotated] = await Promise.all([workers, killing]);
  // No replica is left, so the check does not wait for one.
  const plain = node.storeWith({});
  const outcomes = [];
  for (const { sessionId, generation } of rotated) {
    outcomes.push({ generation, found: (await plain.sessions.find(sessionId))?.record });
  }
  // The new master has none of the scripts.
  const session = newSession();
  await plain.sessions.create(session);
  expect((await plain.sessions.list(session.userId)).records).toHaveLength(1);
  node.close();
  wait.close();
  return outcomes;
};

const expectNothingLost = (outcomes: Awaited<ReturnType<typeof failOver>>): void => {
  for (const { generation, found } of outcomes) {
    expect(generation).toBeGreaterThan(0);
    // One more rotation may have been written without being acknowledged.
    expect([generation, generation + 1]).toContain(found?.generation);
    expect(found?.revokedAt).toBeNull();
  }
};

it('acknowledged rotations survive a failover by Sentinel', { timeout: 60_000 }, async () => {
  const set = await startSentinel();
  try {
    const sentinels = set.sentinels.map(({ host, port }) => ({ host, port }));
    const options = { sentinels, name: set.name, maxRetriesPerRequest: 2 };
    const outcomes = await failOver(
      () => new Redis(options).on('error', () => undefined),
      () => set.killMaster(),
    );
    expect(outcomes).toHaveLength(8);
    expectNothingLost(outcomes);
  } finally {
    await set.stop();
  }
});

it('acknowledged rotations survive the loss of a master of a Cluster', {
  timeout: 60_000,
}, async () => {
  const cluster = await startRedisCluster({ masters: 3, replicas: 3, nodeTimeout: 1_000 });
  try {
    const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
    const outcomes = await failOver(
      () => new Cluster(nodes, { redisOptions: { maxRetriesPerRequest: 1 } }),
      async () => {
        await cluster.masters[0]?.kill();
        await expect
          .poll(() => cluster.masters[1]?.text('CLUSTER', 'INFO'), { timeout: 20_000 })
          .toContain('cluster_state:fail');
        await expect
          .poll(() => cluster.masters[1]?.text('CLUSTER', 'INFO'), { timeout: 20_000 })
          .toContain('cluster_state:ok');
      },
    );
    expectNothingLost(outcomes);
  } finally {
    await cluster.stop();
  }
});
