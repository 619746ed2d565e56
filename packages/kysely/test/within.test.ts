import { pause } from '@pawl/core/internal';
import { newCallId } from '@pawl/core/store';
import {
  generationRecord,
  newApiKey,
  newSession,
  newUserId,
  replayInput,
  rotationInput,
} from '@pawl/testkit';
import { CompiledQuery, type Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKyselyStore, type KyselyStore } from '../src/store.ts';
import { openDatabase, type TestDatabase } from './databases.ts';

/** The application's own table. */
interface Passwords {
  passwords: { user_id: string; hash: string };
}

describe.for(['postgres', 'mysql', 'sqlite'] as const)('within(trx) on %s', (dialect) => {
  let database: TestDatabase;
  let db: Kysely<Passwords>;
  let store: KyselyStore;
  beforeAll(async () => {
    database = await openDatabase(dialect);
    db = database.nodes[0] as unknown as Kysely<Passwords>;
    store = createKyselyStore(db, { dialect });
    const create = 'create table passwords (user_id varchar(64) primary key, hash varchar(64))';
    await db.executeQuery(CompiledQuery.raw(create));
  });
  afterAll(() => database.close());

  const userWithSession = async (): Promise<{ userId: string; sessionId: string }> => {
    const session = newSession();
    await store.sessions.create(session);
    await db.insertInto('passwords').values({ user_id: session.userId, hash: 'old' }).execute();
    return session;
  };
  const hashOf = async (userId: string): Promise<string> => {
    const query = db.selectFrom('passwords').select('hash').where('user_id', '=', userId);
    return (await query.executeTakeFirstOrThrow()).hash;
  };
  const revokedReason = async (sessionId: string): Promise<string | null | undefined> =>
    (await store.sessions.find(sessionId))?.record.revokedReason;

  it('B8: commits a new password and the revocation together', async () => {
    const { userId, sessionId } = await userWithSession();
    await db.transaction().execute(async (trx) => {
      await trx
        .updateTable('passwords')
        .set({ hash: 'new' })
        .where('user_id', '=', userId)
        .execute();
      const { revoked } = await store
        .within(trx)
        .sessions.revokeAll({ userId, reason: 'password_changed', callId: newCallId() });
      expect(revoked).toEqual([sessionId]);
    });
    expect(await hashOf(userId)).toBe('new');
    expect(await revokedReason(sessionId)).toBe('password_changed');
  });

  it('B8: undoes both when the transaction fails', async () => {
    const { userId, sessionId } = await userWithSession();
    const failing = db.transaction().execute(async (trx) => {
      await store
        .within(trx)
        .sessions.revokeAll({ userId, reason: 'password_changed', callId: newCallId() });
      await trx
        .updateTable('passwords')
        .set({ hash: 'new' })
        .where('user_id', '=', userId)
        .execute();
      throw new Error('the mail server is down');
    });
    await expect(failing).rejects.toThrow('the mail server is down');
    expect(await hashOf(userId)).toBe('old');
    expect(await revokedReason(sessionId)).toBeNull();
  });

  it('offers every verb within the transaction', async () => {
    const userId = newUserId();
    const session = newSession({ userId });
    const { sessionId } = session;
    await db.transaction().execute(async (trx) => {
      const { sessions, singleUse, apiKeys, leases, blocklist, rateLimits } = store.within(trx);
      const limit = { max: 1, policy: 'evict_oldest' } as const;
      const first = newSession({ userId });
      await sessions.create(first, limit);
      expect(await sessions.create(session, limit)).toMatchObject({ evicted: [first.sessionId] });
      const equal = newSession({ userId, sessionId, first: generationRecord(0, 'another') });
      await expect(sessions.create(equal)).rejects.toThrow('already exists');
      await expect(sessions.create(equal, limit)).rejects.toThrow('already exists');
      expect(await sessions.create(session, limit)).toMatchObject({ evicted: [first.sessionId] });
      expect(await sessions.rotate(rotationInput(sessionId, 0))).toMatchObject({ kind: 'rotated' });
      expect(await sessions.rotate(replayInput(sessionId, 0))).toMatchObject({ kind: 'replayed' });
      expect((await sessions.list(userId)).records).toHaveLength(1);
      expect(await singleUse.put(sessionId, 'value', 60_000, newCallId())).toBe(true);
      expect(await singleUse.take(sessionId, newCallId())).toBe('value');
      const key = newApiKey({ userId });
      await apiKeys.create(key);
      const other = { ...key, tokenHash: new Uint8Array(32) };
      await expect(apiKeys.create(other)).rejects.toThrow('already exists');
      await apiKeys.find(key.keyId, 0);
      expect(await leases.acquire(sessionId, 60_000, newCallId())).not.toBeNull();
      const bucket = { capacity: 1, refillInterval: 60_000 };
      expect(await rateLimits.consume(sessionId, bucket, newCallId())).toMatchObject({
        allowed: true,
      });
      expect(await rateLimits.consume(sessionId, bucket, newCallId())).toMatchObject({
        allowed: false,
      });
      await blocklist.revoke(sessionId, Date.now() + 60_000);
    });
    expect(await store.blocklist.isRevoked([sessionId])).toBe(true);
    expect((await store.sessions.find(sessionId))?.record).toMatchObject({
      generation: 1,
      replays: 1,
    });
    expect(await store.apiKeys.list(userId)).toMatchObject([{ lastUsedAt: expect.any(Number) }]);
  });

  it.skipIf(dialect === 'sqlite')('B8: revokes before a rotation that is in flight', async () => {
    const { userId, sessionId } = await userWithSession();
    const other = createKyselyStore(database.nodes[1], { dialect });
    let rotating: Promise<{ kind: string }> | undefined;
    await db.transaction().execute(async (trx) => {
      await store
        .within(trx)
        .sessions.revokeAll({ userId, reason: 'password_changed', callId: newCallId() });
      rotating = other.sessions.rotate(rotationInput(sessionId, 0));
      await pause(50);
    });
    expect(await rotating).toMatchObject({ kind: 'revoked' });
  });
});
