import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { inject } from 'vitest';
import type { RedisStoreOptions } from '../src/options.ts';
import type { RedisStore } from '../src/store.ts';
import { createRedisStore } from '../src/store.ts';

export type Server = 'standalone' | 'cluster' | 'sentinel';

export type Client = Redis | Cluster;

/** Options that every kind of client accepts. */
type CommonRedisOptions = Pick<RedisOptions, 'enableAutoPipelining'>;

/** Connects to one of the servers that the global set-up has started. */
const connect = (server: Server, options: CommonRedisOptions): Client => {
  const { standalone, cluster, sentinels, sentinelName } = inject('redis');
  switch (server) {
    case 'standalone':
      return new Redis(standalone, options);
    case 'cluster':
      return new Cluster(
        cluster.map((port) => ({ host: '127.0.0.1', port })),
        options,
      );
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: sentinels.map((port) => ({ host: '127.0.0.1', port })),
        name: sentinelName,
      });
  }
};

/** Represents one process of an application: it has separate connections. */
export interface Node {
  readonly client: Client;
  /** A store with a feed and default options. */
  readonly store: RedisStore;
  storeWith(options: RedisStoreOptions): RedisStore;
  close(): void;
}

export const openNode = (
  server: Server | (() => Client),
  options: CommonRedisOptions = {},
): Node => {
  const open = typeof server === 'string' ? () => connect(server, options) : server;
  const client = open();
  const subscriber = open();
  const storeWith = (options: RedisStoreOptions): RedisStore =>
    createRedisStore(client, { subscriber, ...options });
  return {
    client,
    store: storeWith({}),
    storeWith,
    close: () => {
      client.disconnect();
      subscriber.disconnect();
    },
  };
};

/** The servers that accept writes. */
export const mastersOf = (client: Client): Redis[] =>
  client instanceof Cluster ? client.nodes('master') : [client];

/** All keys with this prefix, on all servers. */
export const keysOf = async (client: Client, prefix: string): Promise<string[]> => {
  const keys: string[] = [];
  for (const master of mastersOf(client)) {
    for await (const some of master.scanStream({ match: `${prefix}*`, count: 1_000 })) {
      keys.push(...(some as string[]));
    }
  }
  return keys;
};
