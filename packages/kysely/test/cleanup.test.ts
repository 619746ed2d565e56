import { newCallId } from '@pawl/core/store';
import { createTestClock, newApiKey, newSession } from '@pawl/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKyselyStore, type KyselyStore } from '../src/store.ts';
import { type CountedDatabase, openCounted } from './counted.ts';
import { emptySessions, openDatabase } from './databases.ts';

const clock = createTestClock();
const idleTimeout = 60_000;

describe.for(['postgres', 'mysql', 'sqlite'] as const)('deleteExpired on %s', (dialect) => {
  let database: CountedDatabase;
  let store: KyselyStore;
  beforeAll(async () => {
    database = await openCounted(dialect);
    store = createKyselyStore(database.db, { dialect, clock: clock.now, batchSize: 10 });
  });
  beforeEach(() => emptySessions(database.db));
  afterAll(() => database.close());

  const createMany = async (count: number): Promise<string[]> => {
    const sessions = Array.from({ length: count }, () => newSession({ idleTimeout }));
    for (const session of sessions) await store.sessions.create(session);
    return sessions.map(({ sessionId }) => sessionId);
  };

  it('removes a batch per statement, and returns the total', async () => {
    await createMany(25);
    await clock.advance(idleTimeout + 1);
    let deleted: number | undefined;
    const statements = await database.count(async () => {
      deleted = await store.sessions.deleteExpired();
    });
    expect(deleted).toBe(25);
    // One statement that finds nothing to postpone, and three that delete 10 + 10 + 5 rows.
    expect(statements).toBe(4);
    expect(await store.sessions.deleteExpired()).toBe(0);
  });

  it('keeps a session that activity has extended, and removes it when it expires', async () => {
    const [kept = '', gone = ''] = await createMany(2);
    await clock.advance(idleTimeout - 1);
    await store.sessions.touch(kept, 0);
    await clock.advance(2);
    expect(await store.sessions.deleteExpired()).toBe(1);
    expect(await store.sessions.find(gone)).toBeNull();
    expect(await store.sessions.find(kept)).not.toBeNull();
    expect(await store.sessions.deleteExpired()).toBe(0);
    await clock.advance(idleTimeout);
    expect(await store.sessions.deleteExpired()).toBe(1);
  });

  it('removes everything else that has expired', async () => {
    const { apiKeys, blocklist, singleUse, leases, rateLimits } = store;
    await apiKeys.create(newApiKey({ expiresAt: clock.now() + 1_000 }));
    await blocklist.revoke('id', clock.now() + 1_000);
    await singleUse.put('key', 'value', 1_000, newCallId());
    const lease = await leases.acquire('name', 1_000, newCallId());
    await rateLimits.consume('key', { capacity: 2, refillInterval: 1_000 }, newCallId());
    await rateLimits.consume('other', { capacity: 2, refillInterval: 1_000, cost: 2 }, newCallId());
    await clock.advance(1_001);
    expect(await apiKeys.deleteExpired()).toBe(1);
    expect(await blocklist.deleteExpired()).toBe(1);
    expect(await singleUse.deleteExpired()).toBe(1);
    expect(await leases.deleteExpired()).toBe(0);
    expect(await rateLimits.deleteExpired()).toBe(1);
    await clock.advance(86_400_000);
    expect(await leases.deleteExpired()).toBe(1);
    expect((await leases.acquire('name', 1_000, newCallId()))?.fence).toBeGreaterThan(
      lease?.fence as number,
    );
  });
});

it('does not wait for a locked row on PostgreSQL', async () => {
  const { nodes, close } = await openDatabase('postgres');
  try {
    const options = { dialect: 'postgres', clock: clock.now } as const;
    const [store, other] = nodes.map((db) => createKyselyStore(db, options)) as [
      KyselyStore,
      KyselyStore,
    ];
    const [held, free] = [newSession({ idleTimeout }), newSession({ idleTimeout })];
    for (const session of [held, free]) await store.sessions.create(session);
    await nodes[0].transaction().execute(async (trx) => {
      await store.within(trx).sessions.touch(held.sessionId, 0);
      await clock.advance(idleTimeout + 1);
      expect(await other.sessions.deleteExpired()).toBe(1);
    });
    expect(await other.sessions.find(held.sessionId)).not.toBeNull();
  } finally {
    await close();
  }
});
