import { newCallId, type Store } from '@pawl/core/store';
import { type Stoppable, startRedis, startRedisCluster, stopTogether } from '@pawl/servers';
import {
  dataWriteInput,
  elevationInput,
  newApiKey,
  newSession,
  replayInput,
  rotationInput,
  strictPolicy,
} from '@pawl/testkit';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisStore } from '../src/store.ts';
import { type Client, mastersOf, type Node, openNode } from './nodes.ts';

type Counts = Record<string, number>;

/** How often each command was executed, including by scripts, as counted by the servers. */
const commandCounts = async (client: Client): Promise<Counts> => {
  const counts: Counts = {};
  for (const master of mastersOf(client)) {
    for (const [, name, calls] of (await master.info('commandstats')).matchAll(
      /cmdstat_(\S+?):calls=(\d+)/g,
    )) {
      counts[name as string] = (counts[name as string] ?? 0) + Number(calls);
    }
  }
  return counts;
};

/** The commands that a call caused, without those that clients and nodes send by themselves. */
const countDuring = async (client: Client, call: () => Promise<unknown>): Promise<Counts> => {
  const before = await commandCounts(client);
  await call();
  const after = await commandCounts(client);
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([name, count]) => count > 0 && !/^(info|ping|replconf|cluster|client)/.test(name)),
  );
};

const session = newSession();
const { sessionId, userId } = session;
const other = newSession({ userId });
const apiKey = newApiKey();
const lease = { fence: 0 };
// The braces: on a cluster, the counted command must go to the node that was warmed up.
const name = '{name}';
const bucket = { capacity: 1, refillInterval: 3_600_000 };
const limit = { max: 1, policy: 'evict_oldest' } as const;
const read = { evalsha: 1, time: 1, get: 1 };
const write = { ...read, set: 1 };
const creation = {
  evalsha: 1,
  time: 1,
  get: 1,
  lrange: 1,
  zcard: 1,
  set: 1,
  zadd: 1,
  pexpiretime: 1,
};
// One `set` each for the session that ends, and for what this call has ended.
const eviction = {
  zcard: 2,
  zrange: 2,
  zrevrange: 1,
  zrank: 1,
  mget: 2,
  set: 3,
  zrem: 1,
  publish: 1,
};
const readLease = { evalsha: 1, time: 1, lrange: 1 };
const end = { ...write, zrem: 1, publish: 1 };

/** One call per verb and branch, with the commands that the server must execute for it. */
const calls: [string, (store: Store) => Promise<unknown>, Counts][] = [
  [
    'create',
    ({ sessions }) => sessions.create(session),
    {
      ...creation,
      pexpireat: 1,
    },
  ],
  ['find', ({ sessions }) => sessions.find(sessionId), read],
  [
    'find, first use',
    ({ sessions }) => sessions.find(sessionId, { generation: 0, interval: 60_000 }),
    write,
  ],
  [
    'find, used again',
    ({ sessions }) => sessions.find(sessionId, { generation: 0, interval: 60_000 }),
    read,
  ],
  ['rotate', ({ sessions }) => sessions.rotate(rotationInput(sessionId, 0)), write],
  ['rotate, replay', ({ sessions }) => sessions.rotate(replayInput(sessionId, 0)), write],
  ['rotate, settling', ({ sessions }) => sessions.rotate(rotationInput(sessionId, 1)), write],
  ['rotate, regression', ({ sessions }) => sessions.rotate(rotationInput(sessionId, 9)), write],
  [
    'rotate, regression once more',
    ({ sessions }) => sessions.rotate(rotationInput(sessionId, 9)),
    read,
  ],
  [
    'rotate, missing',
    ({ sessions }) => sessions.rotate(rotationInput(`${sessionId.slice(0, -1)}!`, 0)),
    read,
  ],
  ['elevate', ({ sessions }) => sessions.elevate(elevationInput(sessionId, 1)), write],
  ['writeData', ({ sessions }) => sessions.writeData(dataWriteInput(sessionId, 0)), write],
  ['writeData, conflict', ({ sessions }) => sessions.writeData(dataWriteInput(sessionId, 0)), read],
  ['touch', ({ sessions }) => sessions.touch(sessionId, 0), write],
  [
    'list',
    ({ sessions }) => sessions.list(userId),
    { evalsha: 1, time: 1, lrange: 1, zrange: 1, zrevrange: 1, mget: 1 },
  ],
  [
    'create, with an eviction',
    ({ sessions }) => sessions.create(other, limit),
    {
      ...creation,
      ...eviction,
    },
  ],
  [
    'rotate, reuse',
    ({ sessions }) =>
      sessions.rotate(
        rotationInput(other.sessionId, 0, { tokenHash: Buffer.alloc(32), policy: strictPolicy }),
      ),
    end,
  ],
  [
    'revoke',
    ({ sessions }) => sessions.revoke({ sessionId, reason: 'logout', callId: newCallId() }),
    read,
  ],
  [
    'revokeAll',
    async ({ sessions }) => sessions.revokeAll({ userId, reason: 'logout', callId: newCallId() }),
    { evalsha: 1, time: 1, lrange: 1, zcard: 1, zrange: 2, get: 1 },
  ],
  ['deleteExpired', ({ sessions }) => sessions.deleteExpired(), {}],
  [
    'blocklist revoke',
    ({ blocklist }) => blocklist.revoke('id', Date.now() + 9_999),
    { evalsha: 1, pexpiretime: 1, set: 1 },
  ],
  [
    'put',
    ({ singleUse }) => singleUse.put(name, 'value', 9_999, newCallId()),
    { evalsha: 1, lrange: 1, rpush: 1, pexpire: 1 },
  ],
  [
    'take',
    ({ singleUse }) => singleUse.take(name, newCallId()),
    { evalsha: 1, lrange: 1, pttl: 1, del: 1, rpush: 1, pexpire: 1 },
  ],
  ['take, taken', ({ singleUse }) => singleUse.take(name, newCallId()), { evalsha: 1, lrange: 1 }],
  [
    'key create',
    ({ apiKeys }) => apiKeys.create(apiKey),
    { evalsha: 1, time: 1, get: 1, zremrangebyscore: 1, set: 1, zadd: 1, zrange: 1, persist: 1 },
  ],
  ['key find', ({ apiKeys }) => apiKeys.find(apiKey.keyId, 60_000), write],
  [
    'key list',
    ({ apiKeys }) => apiKeys.list(apiKey.userId),
    { evalsha: 1, time: 1, zrange: 1, mget: 1 },
  ],
  [
    'key revoke',
    ({ apiKeys }) => apiKeys.revoke({ keyId: apiKey.keyId, callId: newCallId() }),
    { ...write, zrem: 1, zrange: 1 },
  ],
  [
    'acquire',
    ({ leases }) => leases.acquire(name, 9_999, newCallId()),
    { ...readLease, rpush: 1, pexpireat: 1 },
  ],
  ['renew', ({ leases }) => leases.renew(name, lease, 9_999), readLease],
  ['release', ({ leases }) => leases.release(name, lease), readLease],
  [
    'consume',
    ({ rateLimits }) => rateLimits.consume(name, bucket, newCallId()),
    { evalsha: 1, time: 1, pexpiretime: 1, set: 1 },
  ],
  [
    'consume, refused',
    ({ rateLimits }) => rateLimits.consume(name, bucket, newCallId()),
    { evalsha: 1, time: 1, pexpiretime: 1, get: 1 },
  ],
];

// Separate servers, so that no other test is counted.
const servers: Stoppable[] = [];
const nodes: Node[] = [];
const open = async (kind: 'standalone' | 'cluster'): Promise<Node> => {
  const server = await (kind === 'cluster' ? startRedisCluster() : startRedis());
  servers.push(server);
  const node = openNode(() =>
    'nodes' in server
      ? new Cluster(server.nodes.map(({ host, port }) => ({ host, port })))
      : new Redis(server.port),
  );
  nodes.push(node);
  return node;
};
afterAll(async () => {
  for (const node of nodes) node.close();
  await stopTogether(servers);
});

describe.each(['standalone', 'cluster'] as const)('commands on %s', (kind) => {
  let node: Node;
  let store: RedisStore;
  beforeAll(async () => {
    node = await open(kind);
    // The eviction check and the loading of the scripts happen only once.
    const warm = node.storeWith({ prefix: 'warm:' });
    for (const [, call] of calls) await call(warm);
    store = node.storeWith({ prefix: 'count:' });
    await store.check();
  }, 30_000);

  it.each(calls)('%s: sends one command, which executes only these', async (_, call, expected) => {
    expect(await countDuring(node.client, () => call(store))).toEqual(expected);
  });

  it('the blocklist check of two ids: one command, or two on a cluster', async () => {
    // The first call loads the script.
    await store.blocklist.isRevoked(['a', 'b']);
    const counts = await countDuring(node.client, () => store.blocklist.isRevoked(['a', 'b']));
    const times = kind === 'cluster' ? 2 : 1;
    expect(counts).toEqual({ evalsha: times, exists: times });
  });
});
