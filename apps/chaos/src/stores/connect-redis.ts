import { createRedisStore, type RedisStoreOptions } from '@pawl/redis';
import { Cluster, Redis } from 'ioredis';
import type { Connected, ConnectOptions, StoreAddress } from './address.ts';

const host = '127.0.0.1';

/** As ioredis comes, but for bounds on how long a call may take, and a quick return. */
const clientOptions = ({ timeout = 5_000 }: ConnectOptions) => ({
  commandTimeout: timeout,
  connectTimeout: timeout,
  // A connection that falls silent is given up: `commandTimeout` alone would keep it for ever.
  socketTimeout: timeout,
  retryStrategy: (times: number) => Math.min(times * 20, 500),
});

const connected = (
  client: Redis | Cluster,
  options: RedisStoreOptions = {},
  others: readonly Redis[] = [],
): Connected => {
  // A connection that is lost shows in the calls that need it.
  for (const each of [client, ...others]) each.on('error', () => {});
  return {
    store: createRedisStore(client, options),
    close: async () => {
      for (const each of [client, ...others]) each.disconnect();
    },
  };
};

export const connectRedis = (port: number, options: ConnectOptions): Connected =>
  connected(new Redis({ host, port, ...clientOptions(options) }));

export const connectCluster = (ports: readonly number[], options: ConnectOptions): Connected => {
  const nodes = ports.map((port) => ({ host, port }));
  const { retryStrategy: _, ...redisOptions } = clientOptions(options);
  return connected(new Cluster(nodes, { redisOptions }));
};

export const connectSentinel = (
  { name, ports, wait }: Extract<StoreAddress, { store: 'redis sentinel' }>,
  options: ConnectOptions,
): Connected => {
  const sentinels = ports.map((port) => ({ host, port }));
  const open = (): Redis => new Redis({ sentinels, name, ...clientOptions(options) });
  const client = open();
  if (!wait) return connected(client);
  const waiter = open();
  return connected(client, { wait: { client: waiter, replicas: 1 } }, [waiter]);
};
