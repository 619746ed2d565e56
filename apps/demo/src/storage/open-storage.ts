import { type Clock, ConfigurationError } from '@pawl/core';
import type { OnConnectionError, Storage } from './storage.ts';

/** What a test can replace. */
export interface StorageOptions {
  /** The store's clock, in memory or SQLite. Default: that of the machine. */
  readonly clock?: Clock;
}

/**
 * Opens the storages that STORE and USERS name, and creates their tables. Only the drivers of
 * these are loaded.
 *
 * @throws ConfigurationError, which names the variable and the problem
 */
export const openStorage = async (
  store: string,
  users: string,
  onConnectionError: OnConnectionError = () => {},
  { clock }: StorageOptions = {},
): Promise<Storage> => {
  const { openDatabase } = await import('./database.ts');
  if (/^rediss?:\/\//.test(store)) {
    const { openRedisStorage } = await import('./redis.ts');
    const database = await openDatabase('USERS', users, onConnectionError);
    return openRedisStorage(store, database, onConnectionError);
  }
  if (store === 'memory') {
    const { openMemoryStorage } = await import('./memory.ts');
    return openMemoryStorage(await openDatabase('USERS', users, onConnectionError), clock);
  }
  if (users !== store) {
    throw new ConfigurationError(
      'USERS',
      'can only be set with STORE=redis:// or memory: a database holds both',
    );
  }
  const { openSqlStorage } = await import('./sql.ts');
  return openSqlStorage(await openDatabase('STORE', store, onConnectionError), clock);
};
