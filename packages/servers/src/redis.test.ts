import { expect, it } from 'vitest';
import { startRedis } from './redis.ts';
import { startRedisCluster } from './redis-cluster.ts';
import { startSentinel } from './redis-sentinel.ts';
import { startTogether } from './start-together.ts';

it('restarts a killed server with its data', async () => {
  const redis = await startRedis({ appendOnly: 'always' });
  try {
    await redis.command('SET', 'key', 'välue');
    await redis.kill();
    await expect(redis.command('PING')).rejects.toThrow('ECONNREFUSED');
    await redis.restart();
    expect(await redis.command('STRLEN', 'key')).toBe(6);
  } finally {
    await redis.stop();
  }
});

it('stops the started servers when another one fails to start', async () => {
  const good = startRedis();
  const bad = startRedis({ config: { 'no-such-option': 'yes' } });
  await expect(startTogether(good, bad)).rejects.toThrow('did not start');
  await expect((await good).command('PING')).rejects.toThrow('ECONNREFUSED');
});

it('starts a cluster that serves every slot', { timeout: 30_000 }, async () => {
  const cluster = await startRedisCluster({ masters: 3, replicas: 3 });
  try {
    expect(cluster.nodes).toHaveLength(6);
    for (const master of cluster.masters) {
      expect(await master.text('CLUSTER', 'INFO')).toContain('cluster_slots_ok:16384');
      expect(await master.text('INFO', 'replication')).toContain('connected_slaves:1');
    }
  } finally {
    await cluster.stop();
  }
});

it('starts sentinels that promote the replica', { timeout: 30_000 }, async () => {
  const set = await startSentinel();
  try {
    await set.killMaster();
    expect(await set.replica.command('SET', 'key', 'value')).toBe('OK');
  } finally {
    await set.stop();
  }
});
