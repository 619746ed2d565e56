import { DatabaseSync } from 'node:sqlite';
import {
  createSessions,
  generateSecret,
  type PawlEvent,
  type Sessions,
  StoreUnavailableError,
} from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import type { BlocklistStore } from '@pawl/core/store';
import { newUserId } from '@pawl/testkit';
import { Kysely, sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeSqliteDialect } from '../src/driver/node-sqlite.ts';
import { migrate } from '../src/migration/migrations.ts';
import { createKyselyStore, type KyselyStore } from '../src/store.ts';
import { openDatabase, type TestDatabase } from './databases.ts';

type All = Sessions<Record<string, unknown>, Record<string, unknown>, 'blocklist'>;

describe.for(['postgres', 'mysql', 'sqlite'] as const)('sessions.within on %s', (dialect) => {
  let database: TestDatabase;
  let db: Kysely<unknown>;
  let store: KyselyStore;
  let other: KyselyStore;
  let otherDb: Kysely<unknown>;
  let events: PawlEvent[] = [];
  beforeAll(async () => {
    database = await openDatabase(dialect);
    [db] = database.nodes;
    store = createKyselyStore(db, { dialect });
    otherDb = new Kysely({ dialect: nodeSqliteDialect(new DatabaseSync(':memory:')) });
    await migrate(otherDb, { dialect: 'sqlite' });
    other = createKyselyStore(otherDb, { dialect: 'sqlite' });
  });
  beforeEach(() => {
    events = [];
  });
  afterAll(async () => {
    await otherDb.destroy();
    await database.close();
  });

  const sessionsWith = (blocklist: { blocklist: BlocklistStore }): All =>
    createSessions({
      store,
      blocklist,
      secrets: [generateSecret()],
      accessToken: jwtAccessTokens({ issuer: 'https://a.example', audience: 'a' }),
      revocationCheck: 'blocklist',
      onEvent: (event) => events.push(event),
    });

  const login = async (sessions: All): Promise<{ userId: string; accessToken: string }> => {
    const userId = newUserId();
    const { accessToken } = await sessions.create({ userId });
    expect(await codeOf(sessions, accessToken)).toBe('valid');
    events = [];
    return { userId, accessToken };
  };
  const codeOf = (sessions: All, accessToken: string): Promise<string> =>
    sessions.verify(accessToken).then(
      () => 'valid',
      (error: { code: string }) => error.code,
    );
  const typesOf = (): string[] => events.map(({ type }) => type);
  const ended = ['session.revoked', 'user.revoked'];

  describe.for([
    ['the blocklist of the same store', () => store],
    ['a blocklist elsewhere', () => other],
  ] as const)('with %s', ([, blocklist]) => {
    it('a commit ends sessions and their access tokens, and then tells events', async () => {
      const sessions = sessionsWith(blocklist());
      const { userId, accessToken } = await login(sessions);
      await db.transaction().execute(async (trx) => {
        expect(await sessions.within(trx).revokeAll(userId)).toBe(1);
        expect(events).toEqual([]);
      });
      expect(await codeOf(sessions, accessToken)).toBe('ERR_TOKEN_REVOKED');
      expect(await sessions.list(userId)).toEqual([]);
      expect(typesOf().slice(0, 2)).toEqual(ended);
    });

    it('a rollback leaves everything as it was, and drops the events', async () => {
      const sessions = sessionsWith(blocklist());
      const { userId, accessToken } = await login(sessions);
      const failing = db.transaction().execute(async (trx) => {
        await sessions.within(trx).revokeAll(userId);
        throw new Error('the mail server is down');
      });
      await expect(failing).rejects.toThrow('the mail server is down');
      expect(await codeOf(sessions, accessToken)).toBe('valid');
      expect(await sessions.list(userId)).toHaveLength(1);
      expect(events).toEqual([]);
      // The connection is no longer observed.
      await db.transaction().execute((trx) => sql`select 1`.execute(trx));
      expect(events).toEqual([]);
    });

    it('a transaction of its own counts, with savepoints', async () => {
      const sessions = sessionsWith(blocklist());
      const kept = await login(sessions);
      const undone = await login(sessions);
      const later = await login(sessions);
      const trx = await db.startTransaction().execute();
      await sessions.within(trx).revokeAll(kept.userId);
      const first = await trx.savepoint('first').execute();
      await sessions.within(first).revokeAll(undone.userId);
      const back = await first.rollbackToSavepoint('first').execute();
      await sessions.within(back).revokeAll(later.userId);
      expect(events).toEqual([]);
      await trx.commit().execute();
      expect(await codeOf(sessions, kept.accessToken)).toBe('ERR_TOKEN_REVOKED');
      expect(await codeOf(sessions, undone.accessToken)).toBe('valid');
      expect(await codeOf(sessions, later.accessToken)).toBe('ERR_TOKEN_REVOKED');
      const users = events.flatMap((event) => (event.type === 'user.revoked' ? event.userId : []));
      expect(users).toEqual([kept.userId, later.userId]);
    });
  });

  it('two transactions at once do not mix', async () => {
    if (dialect === 'sqlite') return;
    const sessions = sessionsWith(store);
    const [one, two] = [await login(sessions), await login(sessions)];
    const trx = await db.startTransaction().execute();
    await sessions.within(trx).revokeAll(one.userId);
    await db.transaction().execute((inner) => sessions.within(inner).revokeAll(two.userId));
    expect(events.map((event) => 'userId' in event && event.userId)).not.toContain(one.userId);
    await trx.rollback().execute();
    expect(await codeOf(sessions, one.accessToken)).toBe('valid');
    expect(await codeOf(sessions, two.accessToken)).toBe('ERR_TOKEN_REVOKED');
  });

  it('tells of a blocklist that fails after the commit', async () => {
    const failing: BlocklistStore = {
      ...other.blocklist,
      revoke: () => Promise.reject(new Error('no route to host')),
    };
    const sessions = sessionsWith({ blocklist: failing });
    const { userId } = await login(sessions);
    await db.transaction().execute((trx) => sessions.within(trx).revokeAll(userId));
    expect(await sessions.list(userId)).toEqual([]);
    const [failure] = events.filter(({ type }) => type === 'background.failed');
    expect(failure).toMatchObject({
      task: 'blocklist',
      error: expect.any(StoreUnavailableError) as unknown,
    });
  });

  it('creates within a transaction', async () => {
    const sessions = sessionsWith(store);
    const userId = newUserId();
    const create = (fails: boolean): Promise<void> =>
      db.transaction().execute(async (trx) => {
        await sessions.within(trx).create({ userId });
        if (fails) throw new Error('undone');
      });
    await expect(create(true)).rejects.toThrow('undone');
    expect([await sessions.list(userId), events]).toEqual([[], []]);
    await create(false);
    expect(await sessions.list(userId)).toHaveLength(1);
    expect(typesOf()).toEqual(['session.created']);
  });

  it('drops the events of a transaction that the database has undone', async () => {
    if (dialect !== 'postgres') return;
    const sessions = sessionsWith(store);
    const { userId, accessToken } = await login(sessions);
    const commit = db.transaction().execute(async (trx) => {
      await sessions.within(trx).revokeAll(userId);
      await sql`select 1 / 0`.execute(trx).catch(() => {});
    });
    await commit.catch(() => {});
    expect([await codeOf(sessions, accessToken), events]).toEqual(['valid', []]);
  });

  it('refuses what is no transaction, and PostgreSQL’s other isolation levels', async () => {
    const sessions = sessionsWith(store);
    expect(() => sessions.within(db)).toThrow(/^transaction: /);
    expect(() => sessions.within(undefined)).toThrow(/^transaction: /);
    if (dialect !== 'postgres') return;
    const strict = db.transaction().setIsolationLevel('repeatable read');
    const revoke = (trx: Transaction<unknown>): Promise<number> =>
      sessions.within(trx).revokeAll('ada');
    await expect(strict.execute(revoke)).rejects.toThrow(/^isolationLevel: /);
  });
});
