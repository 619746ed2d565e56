import { StoreUnavailableError } from '@pawl/core';
import { newCallId } from '@pawl/core/store';
import { type DatabaseServer, startMariadb } from '@pawl/servers';
import { newSession } from '@pawl/testkit';
import { CompiledQuery, Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparedPool } from '../src/driver/prepared-pool.ts';
import { timeLimitedPool } from '../src/driver/time-limited-pool.ts';
import { createMigrator } from '../src/migration/migrations.ts';
import { createKyselyStore, type KyselyStore } from '../src/store.ts';
import { connectMariadb } from './connect.ts';
import { openDatabase, type TestDatabase } from './databases.ts';

const ask = async (db: Kysely<unknown>, text: string): Promise<unknown[]> =>
  (await db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text))).rows;

const limit = { max: 1, policy: 'evict_oldest' } as const;

/** Writes of one statement and of a transaction. */
const writes: Readonly<Record<string, (store: KyselyStore) => Promise<unknown>>> = {
  create: ({ sessions }) => sessions.create(newSession()),
  'create under a limit': ({ sessions }) => sessions.create(newSession(), limit),
  revokeAll: ({ sessions }) =>
    sessions.revokeAll({ userId: 'ada', reason: 'logout', callId: newCallId() }),
  put: ({ singleUse }) => singleUse.put(`${Math.random()}`, 'value', 1_000, newCallId()),
};

/** Writes through a connection that leads to a server without writes, and once more. */
const writeTwice = async (
  db: Kysely<unknown>,
  dialect: 'postgres' | 'mysql',
  write: (store: KyselyStore) => Promise<unknown>,
  heal: () => Promise<unknown> = async () => {},
): Promise<{ error: unknown; isNewConnection: boolean }> => {
  const id = `select ${dialect === 'mysql' ? 'connection_id()' : 'pg_backend_pid()'} as id`;
  const before = await ask(db, id);
  const store = createKyselyStore(db, { dialect });
  const error: unknown = await write(store).catch((caught: unknown) => caught);
  await heal();
  await write(store);
  const after = await ask(db, id);
  return { error, isNewConnection: JSON.stringify(after) !== JSON.stringify(before) };
};

const recovered = { error: expect.any(StoreUnavailableError), isNewConnection: true };

describe('PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openDatabase('postgres');
  });
  afterAll(() => database.close());

  describe.for([
    ['the pool of the application', (pool: Pool) => pool],
    ['preparedPool', preparedPool],
  ] as const)('in %s', ([, wrap]) => {
    it.for(Object.entries(writes))('%s', async ([, write]) => {
      const pool = new Pool({ connectionString: database.url as string, max: 1 });
      // As if the first connection led to a server that has become a standby.
      pool.once('connect', (client) => {
        client.query('set default_transaction_read_only = on').catch(() => {});
      });
      const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: wrap(pool) }) });
      try {
        expect(await writeTwice(db, 'postgres', write)).toEqual(recovered);
        expect(pool.totalCount).toBe(1);
      } finally {
        await db.destroy();
      }
    });
  });

  it('leaves the connection of the application’s transaction to preparedPool', async () => {
    const pool = new Pool({ connectionString: database.url as string, max: 1 });
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
    const store = createKyselyStore(db, { dialect: 'postgres' });
    const before = await ask(db, 'select pg_backend_pid() as id');
    const transaction = db.transaction().setAccessMode('read only');
    await expect(
      transaction.execute((trx) => store.within(trx).sessions.create(newSession())),
    ).rejects.toThrow(StoreUnavailableError);
    expect(await ask(db, 'select pg_backend_pid() as id')).not.toEqual(before);
    await db.destroy();
  });
});

describe('MariaDB', () => {
  let server: DatabaseServer;
  let root: Kysely<unknown>;
  let url: string;
  beforeAll(async () => {
    // A server of its own, because it becomes read-only.
    server = await startMariadb();
    root = connectMariadb(server.url, { connections: 1 });
    await createMigrator(root, { dialect: 'mysql' }).migrateToLatest();
    await ask(root, 'create user app@`127.0.0.1`');
    await ask(root, 'grant select, insert, update, delete on test.* to app@`127.0.0.1`');
    url = server.url.replace('root@', 'app@');
  }, 60_000);
  afterAll(async () => {
    await root.destroy();
    await server.stop();
  });

  describe.for([
    ['the pool of the application', (pool: ReturnType<typeof createPool>) => pool],
    ['timeLimitedPool', (pool: ReturnType<typeof createPool>) => timeLimitedPool(pool, 10_000)],
  ] as const)('in %s', ([, wrap]) => {
    it.for(Object.entries(writes))('%s', async ([, write]) => {
      const pool = createPool({ uri: url, connectionLimit: 1 });
      const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: wrap(pool) }) });
      try {
        await ask(root, 'set global read_only = 1');
        const heal = (): Promise<unknown> => ask(root, 'set global read_only = 0');
        expect(await writeTwice(db, 'mysql', write, heal)).toEqual(recovered);
      } finally {
        await ask(root, 'set global read_only = 0');
        await db.destroy();
      }
    });
  });

  it('a transaction that the session makes read-only', async () => {
    const pool = createPool({ uri: url, connectionLimit: 1 });
    pool.once('connection', (connection) => {
      connection.query('set session transaction read only', () => {});
    });
    const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) });
    const create = writes.create as (store: KyselyStore) => Promise<unknown>;
    expect(await writeTwice(db, 'mysql', create)).toEqual(recovered);
    await db.destroy();
  });
});

describe('SQLite', () => {
  it('a database that refuses writes is not available', async () => {
    const { nodes, close } = await openDatabase('sqlite');
    await ask(nodes[0], 'pragma query_only = on');
    const store = createKyselyStore(nodes[0], { dialect: 'sqlite' });
    for (const write of Object.values(writes)) {
      await expect(write(store)).rejects.toThrow(StoreUnavailableError);
    }
    await close();
  });
});
