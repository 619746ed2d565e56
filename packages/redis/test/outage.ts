import { type Gate, startGate } from '@pawl/servers';
import type { StoreOutage } from '@pawl/testkit';
import { Cluster, type NatMap, Redis } from 'ioredis';
import { expect, inject } from 'vitest';
import { type Client, openNode, type Server } from './nodes.ts';

/** Opens a store whose connections are cut and refused during the outage. */
export const openOutage = async (server: Server, prefix: string): Promise<StoreOutage> => {
  const gates = new Map<number, Gate>();
  for (const port of await portsOf(server)) gates.set(port, await startGate(port));
  const node = openNode(() => connectThrough(server, gates));
  await expect.poll(() => node.client.status).toBe('ready');
  const all = [...gates.values()];
  return {
    store: node.storeWith({ prefix }),
    begin: () => Promise.all(all.map((gate) => gate.shut())).then(() => undefined),
    end: () => Promise.all(all.map((gate) => gate.open())).then(() => undefined),
    close: async () => {
      node.close();
      await Promise.all(all.map((gate) => gate.stop()));
    },
  };
};

/** The ports of the servers that hold data. */
const portsOf = async (server: Server): Promise<number[]> => {
  const { standalone, cluster, sentinels, sentinelName } = inject('redis');
  if (server === 'standalone') return [standalone];
  if (server === 'cluster') return [...cluster];
  const sentinel = new Redis({ host: '127.0.0.1', port: sentinels[0] as number });
  try {
    const reply = await sentinel.call('SENTINEL', 'get-master-addr-by-name', sentinelName);
    return [Number((reply as string[])[1])];
  } finally {
    sentinel.disconnect();
  }
};

const connectThrough = (server: Server, gates: ReadonlyMap<number, Gate>): Client => {
  const { standalone, sentinels, sentinelName } = inject('redis');
  const natMap: NatMap = {};
  for (const [port, gate] of gates) {
    natMap[`127.0.0.1:${port}`] = { host: '127.0.0.1', port: gate.port };
  }
  const options = { maxRetriesPerRequest: 1, retryStrategy: () => 50 };
  const open = (): Client => {
    switch (server) {
      case 'standalone':
        return new Redis(gates.get(standalone)?.port ?? 0, '127.0.0.1', options);
      case 'cluster':
        return new Cluster(
          [...gates.values()].map(({ port }) => ({ host: '127.0.0.1', port })),
          // A Cluster would keep calls in its queue until it has found a server again.
          {
            natMap,
            redisOptions: options,
            clusterRetryStrategy: () => 50,
            enableOfflineQueue: false,
          },
        );
      case 'sentinel':
        return new Redis({
          ...options,
          natMap,
          sentinels: sentinels.map((port) => ({ host: '127.0.0.1', port })),
          name: sentinelName,
        });
    }
  };
  // Without a listener, ioredis writes every failed attempt to connect to the console.
  return open().on('error', () => undefined);
};
