import { createRedisStore } from '@pawl/redis';
import { Redis } from 'ioredis';
import type { Database } from './database.ts';
import { openOrExplain } from './open-or-explain.ts';
import { createSplitStorage } from './split-storage.ts';
import type { OnConnectionError, Storage } from './storage.ts';

/** In ms: after this time a request fails with 503 instead of hanging. */
const timeout = 2_000;

/** Keeps the sessions in Redis, with its feed of revocations. @throws ConfigurationError if it cannot be opened */
export const openRedisStorage = async (
  url: string,
  database: Database,
  onConnectionError: OnConnectionError,
): Promise<Storage> => {
  const [client, subscriber] = await openOrExplain('STORE', async () => connect(url)).catch(
    async (error: unknown) => {
      await database.close();
      throw error;
    },
  );
  let lastError: unknown;
  client.on('error', (error) => {
    lastError = error;
    onConnectionError(error);
  });
  subscriber.on('error', onConnectionError);
  const close = async (): Promise<void> => {
    client.disconnect();
    subscriber.disconnect();
  };
  const store = createRedisStore(client, { subscriber });
  const storage = createSplitStorage(database, store, {
    check: async () => {
      await client.ping();
    },
    close,
  });
  try {
    await openOrExplain('STORE', async () => {
      // The error of the connection says more than the timeout of the command.
      await store.check().catch((error: unknown) => Promise.reject(lastError ?? error));
    });
  } catch (error) {
    await storage.close();
    throw error;
  }
  return storage;
};

const connect = (url: string): [Redis, Redis] => {
  const client = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: timeout });
  return [client, client.duplicate({ commandTimeout: undefined })];
};
