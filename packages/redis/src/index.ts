export type { RedisClient, RedisSubscriber, RedisWaiter } from './connection/client.ts';
export type { ReplicaWaitOptions } from './connection/replica-wait.ts';
export type { RedisStoreOptions } from './options.ts';
export { createRedisStore, type RedisStore } from './store.ts';
