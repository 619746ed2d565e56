import { DatabaseSync } from 'node:sqlite';
import { isPawlError } from '@pawl/core';
import { newCallId } from '@pawl/core/store';
import {
  dataWriteInput,
  elevationInput,
  newApiKey,
  newSession,
  newUserId,
  rotationInput,
} from '@pawl/testkit';
import { MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { nodeSqliteDialect } from '../src/driver/node-sqlite.ts';
import { createMigrator } from '../src/migration/migrations.ts';
import { createKyselyStore, type KyselyStore } from '../src/store.ts';
import { type DistortedDatabase, distortions, openDistorted } from './distorted.ts';

/** Prepares a call whose answer is a "yes", and returns it. It resolves to whether it still is. */
type Call = (store: KyselyStore) => Promise<() => Promise<boolean>>;

const createOne = async (store: KyselyStore): Promise<ReturnType<typeof newSession>> => {
  const session = newSession();
  await store.sessions.create(session);
  return session;
};

const limit = { max: 1, policy: 'evict_oldest' } as const;
const bucket = { capacity: 1, refillInterval: 3_600_000 };

const calls: Readonly<Record<string, Call>> = {
  create: async ({ sessions }) => {
    const session = newSession();
    return async () => (await sessions.create(session)).kind === 'created';
  },
  'create under a limit': async (store) => {
    const { userId, sessionId } = await createOne(store);
    return async () => {
      const outcome = await store.sessions.create(newSession({ userId }), limit);
      return outcome.kind === 'created' && outcome.evicted[0] === sessionId;
    };
  },
  'create at the limit': async (store) => {
    const { userId } = await createOne(store);
    const refusing = { max: 1, policy: 'refuse' } as const;
    return async () =>
      (await store.sessions.create(newSession({ userId }), refusing)).kind === 'refused';
  },
  find: async (store) => {
    const { sessionId, userId } = await createOne(store);
    return async () => (await store.sessions.find(sessionId))?.record.userId === userId;
  },
  rotate: async (store) => {
    const { sessionId } = await createOne(store);
    return async () =>
      (await store.sessions.rotate(rotationInput(sessionId, 0))).kind === 'rotated';
  },
  elevate: async (store) => {
    const { sessionId } = await createOne(store);
    return async () =>
      (await store.sessions.elevate(elevationInput(sessionId, 0))).kind === 'written';
  },
  writeData: async (store) => {
    const { sessionId } = await createOne(store);
    return async () =>
      (await store.sessions.writeData(dataWriteInput(sessionId, 0))).kind === 'written';
  },
  revoke: async (store) => {
    const { sessionId } = await createOne(store);
    const input = { sessionId, reason: 'logout', callId: newCallId() };
    return async () => (await store.sessions.revoke(input)) === 'revoked';
  },
  revokeAll: async (store) => {
    const { userId } = await createOne(store);
    const input = { userId, reason: 'logout', callId: newCallId() };
    return async () => (await store.sessions.revokeAll(input)).revoked.length === 1;
  },
  list: async (store) => {
    const { userId } = await createOne(store);
    return async () => (await store.sessions.list(userId)).records.length === 1;
  },
  'blocklist.isRevoked': async ({ blocklist }) => {
    const id = newUserId();
    await blocklist.revoke(id, Date.now() + 60_000);
    return () => blocklist.isRevoked([id]);
  },
  'singleUse.put': async ({ singleUse }) => {
    const id = newUserId();
    return () => singleUse.put(id, 'value', 60_000, newCallId());
  },
  'singleUse.take': async ({ singleUse }) => {
    const id = newUserId();
    await singleUse.put(id, 'value', 60_000, newCallId());
    return async () => (await singleUse.take(id, newCallId())) === 'value';
  },
  'apiKeys.create': async ({ apiKeys }) => {
    const key = newApiKey();
    return async () => (await apiKeys.create(key)).createdAt > 1e12;
  },
  'apiKeys.find': async ({ apiKeys }) => {
    const { keyId } = await apiKeys.create(newApiKey());
    return async () => (await apiKeys.find(keyId))?.record.keyId === keyId;
  },
  'apiKeys.list': async ({ apiKeys }) => {
    const { userId } = await apiKeys.create(newApiKey());
    return async () => (await apiKeys.list(userId)).length === 1;
  },
  'apiKeys.revoke': async ({ apiKeys }) => {
    const { keyId } = await apiKeys.create(newApiKey());
    return async () => (await apiKeys.revoke({ keyId, callId: newCallId() })) === 'revoked';
  },
  'apiKeys.revokeAll': async ({ apiKeys }) => {
    const { userId } = await apiKeys.create(newApiKey());
    return async () => (await apiKeys.revokeAll({ userId, callId: newCallId() })) === 1;
  },
  'leases.acquire': async ({ leases }) => {
    const name = newUserId();
    return async () => ((await leases.acquire(name, 60_000, newCallId()))?.fence ?? 0) > 1e12;
  },
  'leases.renew': async ({ leases }) => {
    const name = newUserId();
    const lease = await leases.acquire(name, 60_000, newCallId());
    return () => leases.renew(name, lease as { fence: number }, 60_000);
  },
  'rateLimits.consume, refused': async ({ rateLimits }) => {
    const id = newUserId();
    await rateLimits.consume(id, bucket, newCallId());
    return async () => !(await rateLimits.consume(id, bucket, newCallId())).allowed;
  },
  'singleUse.deleteExpired': async ({ singleUse }) => {
    await singleUse.put(newUserId(), 'value', 1, newCallId());
    await new Promise((resolve) => setTimeout(resolve, 10));
    return async () => (await singleUse.deleteExpired()) > 0;
  },
};

/** No statement of SQLite returns rows and a number, so a lost row of a write cannot be noticed. */
const onlyRows = /^(create|rotate|revoke|singleUse|leases|apiKeys\.(create|revoke))/;

describe.for(['postgres', 'mysql', 'sqlite'] as const)('on %s', (dialect) => {
  let database: DistortedDatabase;
  let store: KyselyStore;
  beforeAll(async () => {
    const dialects = {
      postgres: () =>
        new PostgresDialect({
          pool: new Pool({ connectionString: inject('postgresUrl'), max: 1 }),
        }),
      mysql: () =>
        new MysqlDialect({ pool: createPool({ uri: inject('mariadbUrl'), connectionLimit: 1 }) }),
      sqlite: () => nodeSqliteDialect(new DatabaseSync(':memory:')),
    };
    database = openDistorted(dialects[dialect]());
    const prefix = 'pawl_distorted_';
    await createMigrator(database.db, { dialect, prefix }).migrateToLatest();
    store = createKyselyStore(database.db, { dialect, prefix });
  });
  afterAll(() => database.db.destroy());

  describe.for(Object.entries(calls))('%s', ([name, prepare]) => {
    it('is a yes', async () => {
      const call = await prepare(store);
      expect(await call()).toBe(true);
    });

    // The driver of SQLite returns no count beside the rows, so nothing contradicts a missing one.
    const noticed = Object.entries(distortions).filter(
      ([how]) => !(dialect === 'sqlite' && how === 'rows are missing' && onlyRows.test(name)),
    );
    it.for(noticed)('is never a no where %s', async ([, distort]) => {
      const call = await prepare(store);
      database.distort = distort;
      const outcome = await call()
        .catch((error: unknown) => (isPawlError(error) ? error.code : error))
        .finally(() => {
          database.distort = undefined;
        });
      expect([true, 'ERR_STORE_RECORD']).toContain(outcome);
    });
  });
});
