import { createRedisStore } from '@pawl/redis';
import { Redis } from 'ioredis';
import { storageBeside } from './beside.ts';
import type { Database } from './database.ts';
import type { OnConnectionError, Storage } from './storage.ts';

/** In ms: a Redis that is away for longer is a 503, not a request that hangs. */
const patience = 2_000;

/** Sessions in Redis, with its feed of revocations. */
export const openRedisStorage = async (
  url: string,
  database: Database,
  onConnectionError: OnConnectionError,
): Promise<Storage> => {
  const client = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: patience });
  const subscriber = client.duplicate({ commandTimeout: undefined });
  client.on('error', onConnectionError);
  subscriber.on('error', onConnectionError);
  const close = async (): Promise<void> => {
    client.disconnect();
    subscriber.disconnect();
  };
  const store = createRedisStore(client, { subscriber });
  const storage = storageBeside(database, store, {
    check: async () => {
      await client.ping();
    },
    close,
  });
  try {
    await store.check();
  } catch (error) {
    await storage.close();
    throw error;
  }
  return storage;
};
