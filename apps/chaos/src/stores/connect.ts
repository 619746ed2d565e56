import { createMemoryStore } from '@pawl/memory';
import type { Connected, ConnectOptions, StoreAddress } from './address.ts';
import { connectCluster, connectRedis, connectSentinel } from './connect-redis.ts';
import { connectMariadb, connectPostgres, connectSqlite } from './connect-sql.ts';

/** Connects to a store as an application does. */
export const connectStore = (address: StoreAddress, options: ConnectOptions): Connected => {
  switch (address.store) {
    case 'memory':
      return { store: createMemoryStore({ maxSessions: 1_000_000 }), close: async () => {} };
    case 'sqlite':
      return connectSqlite(address.file);
    case 'postgres':
      return connectPostgres(address.url, options);
    case 'mariadb':
      return connectMariadb(address.url, options);
    case 'redis':
      return connectRedis(address.port, options);
    case 'redis cluster':
      return connectCluster(address.ports, options);
    case 'redis sentinel':
      return connectSentinel(address, options);
  }
};
