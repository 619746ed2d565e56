import { createRedisStore } from '@pawl/redis';
import { Redis } from 'ioredis';
import { storageBeside } from './beside.ts';
import type { Database } from './database.ts';
import type { OnConnectionError, Storage } from './storage.ts';
import { opening } from './unopened.ts';

/** In ms: a Redis that is away for longer is a 503, not a request that hangs. */
const patience = 2_000;

/** Sessions in Redis, with its feed of revocations. @throws ConfigurationError where it cannot be opened */
export const openRedisStorage = async (
  url: string,
  database: Database,
  onConnectionError: OnConnectionError,
): Promise<Storage> => {
  const [client, subscriber] = await opening('STORE', async () => connect(url)).catch(
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
  const storage = storageBeside(database, store, {
    check: async () => {
      await client.ping();
    },
    close,
  });
  try {
    await opening('STORE', async () => {
      // What the connection said tells more than that a command was given up.
      await store.check().catch((error: unknown) => Promise.reject(lastError ?? error));
    });
  } catch (error) {
    await storage.close();
    throw error;
  }
  return storage;
};

const connect = (url: string): [Redis, Redis] => {
  const client = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: patience });
  return [client, client.duplicate({ commandTimeout: undefined })];
};
