import { DatabaseSync } from 'node:sqlite';
import { createKyselyStore, createMigrator, nodeSqliteDialect } from '@pawl/kysely';
import { createRedisStore } from '@pawl/redis';
import { Redis } from 'ioredis';
import { Kysely } from 'kysely';
import type { BffOptions } from '../src/options.ts';

/** A store that several processes share: `redis:<port>` or `sqlite:<file>`. */
export interface SharedStore {
  readonly store: BffOptions<object, object>['store'];
  close(): Promise<void>;
}

export const openSharedStore = async (address: string): Promise<SharedStore> => {
  const [kind, where = ''] = address.split(':');
  if (kind === 'redis') {
    const client = new Redis(Number(where));
    return {
      store: createRedisStore(client),
      close: async () => {
        await client.quit();
      },
    };
  }
  const database = new DatabaseSync(where);
  database.exec('pragma journal_mode = wal; pragma synchronous = off; pragma busy_timeout = 3000');
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(database) });
  await createMigrator(db, { dialect: 'sqlite' }).migrateToLatest();
  return { store: createKyselyStore(db, { dialect: 'sqlite' }), close: () => db.destroy() };
};
