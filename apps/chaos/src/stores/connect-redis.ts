import { createRedisStore, type RedisStoreOptions } from '@pawl/redis';
import { Cluster, Redis } from 'ioredis';
import type { Connected, ConnectOptions, StoreAddress } from './address.ts';

const host = '127.0.0.1';

/** The defaults of ioredis, but with timeouts and a fast reconnection. */
const clientOptions = ({ timeout = 5_000 }: ConnectOptions) => ({
  commandTimeout: timeout,
  connectTimeout: timeout,
  // Closes a connection that delivers nothing; `commandTimeout` alone would keep it forever.
  socketTimeout: timeout,
  retryStrategy: (times: number) => Math.min(times * 20, 500),
});

const connectedStore = (
  client: Redis | Cluster,
  options: RedisStoreOptions = {},
  others: readonly Redis[] = [],
): Connected => {
  // The calls that need a lost connection report it.
  for (const each of [client, ...others]) each.on('error', () => {});
  return {
    store: createRedisStore(client, options),
    close: async () => {
      for (const each of [client, ...others]) each.disconnect();
    },
  };
};

export const connectRedis = (port: number, options: ConnectOptions): Connected =>
  connectedStore(new Redis({ host, port, ...clientOptions(options) }));

export const connectCluster = (ports: readonly number[], options: ConnectOptions): Connected => {
  const nodes = ports.map((port) => ({ host, port }));
  const { retryStrategy: _, ...redisOptions } = clientOptions(options);
  return connectedStore(new Cluster(nodes, { redisOptions }));
};

export const connectSentinel = (
  { name, ports, wait }: Extract<StoreAddress, { store: 'redis sentinel' }>,
  options: ConnectOptions,
): Connected => {
  const sentinels = ports.map((port) => ({ host, port }));
  const open = (): Redis => new Redis({ sentinels, name, ...clientOptions(options) });
  const client = open();
  if (!wait) return connectedStore(client);
  const waiter = open();
  return connectedStore(client, { wait: { client: waiter, replicas: 1 } }, [waiter]);
};
