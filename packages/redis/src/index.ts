export type { RedisClient, RedisSubscriber, RedisWaiter } from './client.ts';
export type { RedisStoreOptions } from './options.ts';
export type { ReplicaWaitOptions } from './replica-wait.ts';
export { createRedisStore, type RedisStore } from './store.ts';
