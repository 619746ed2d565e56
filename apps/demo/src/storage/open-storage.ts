import { ConfigurationError } from '@pawl/core';
import type { OnConnectionError, Storage } from './storage.ts';

/**
 * Opens what STORE and USERS name, with their tables. The drivers of the others
 * are not loaded.
 *
 * @throws ConfigurationError, naming the one that cannot be opened, and why
 */
export const openStorage = async (
  store: string,
  users: string,
  onConnectionError: OnConnectionError = () => {},
): Promise<Storage> => {
  const { openDatabase } = await import('./database.ts');
  if (/^rediss?:\/\//.test(store)) {
    const { openRedisStorage } = await import('./redis.ts');
    const database = await openDatabase('USERS', users, onConnectionError);
    return openRedisStorage(store, database, onConnectionError);
  }
  if (store === 'memory') {
    const { openMemoryStorage } = await import('./memory.ts');
    return openMemoryStorage(await openDatabase('USERS', users, onConnectionError));
  }
  if (users !== store) {
    throw new ConfigurationError('USERS', 'is for STORE=redis:// and memory: a database has both');
  }
  const { openSqlStorage } = await import('./sql.ts');
  return openSqlStorage(await openDatabase('STORE', store, onConnectionError));
};
