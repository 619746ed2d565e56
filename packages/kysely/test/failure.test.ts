import { StoreUnavailableError } from '@pawl/core';
import { newCallId } from '@pawl/core/store';
import { newSession, rotationInput } from '@pawl/testkit';
import { CamelCasePlugin, CompiledQuery } from 'kysely';
import { describe, expect, it } from 'vitest';
import { withRetries } from '../src/sql/failure.ts';
import { createKyselyStore } from '../src/store.ts';
import { connectMariadb, connectPostgres, connectSqlite } from './connect.ts';
import { openDatabase } from './databases.ts';

describe('an error of the driver', () => {
  const noServer = 'x://user@127.0.0.1:1/database';
  it.for([
    ['postgres', () => connectPostgres(noServer.replace('x', 'postgres'))],
    ['mysql', () => connectMariadb(noServer.replace('x', 'mysql'))],
    // A database without tables.
    ['sqlite', () => connectSqlite(':memory:')],
  ] as const)('is wrapped once on %s', async ([dialect, connect]) => {
    const db = connect();
    const store = createKyselyStore(db, { dialect });
    const limit = { max: 1, policy: 'refuse' } as const;
    for (const call of [
      () => store.sessions.find('id'),
      () => store.sessions.create(newSession(), limit),
      () => store.singleUse.put('secret key', 'secret value', 1, newCallId()),
    ]) {
      const error: unknown = await call().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      const { cause } = error as StoreUnavailableError;
      expect(cause).toBeInstanceOf(Error);
      expect(cause).not.toBeInstanceOf(StoreUnavailableError);
      expect(JSON.stringify(cause)).not.toContain('secret');
    }
    await db.destroy();
  });

  it.for([
    { code: '40001' },
    { code: '40P01' },
    { errno: 1213 },
    { errno: 1020 },
    { errcode: 5 },
    { errcode: 517 },
    { code: 'SQLITE_BUSY_SNAPSHOT' },
  ])('is retried if it is %o', async (properties) => {
    let calls = 0;
    const call = async (): Promise<number> => {
      calls += 1;
      if (calls < 3) throw Object.assign(new Error('locked'), properties);
      return calls;
    };
    expect(await withRetries(true, call)).toBe(3);
    calls = 0;
    await expect(withRetries(false, call)).rejects.toThrow(StoreUnavailableError);
  });

  it('is not retried if the connection was lost, because the call may have taken effect', async () => {
    let calls = 0;
    const lost = withRetries(true, async () => {
      calls += 1;
      throw Object.assign(new Error('lost'), { code: 'ECONNRESET' });
    });
    await expect(lost).rejects.toThrow(StoreUnavailableError);
    expect(calls).toBe(1);
  });
});

describe.for(['postgres', 'mysql', 'sqlite'] as const)('on %s', (dialect) => {
  it('stores the largest numbers, and ignores the plugins of the application', async () => {
    const { nodes, close } = await openDatabase(dialect);
    try {
      const store = createKyselyStore(nodes[0].withPlugin(new CamelCasePlugin()), { dialect });
      const session = newSession();
      const { sessionId } = session;
      const first = { ...session.first, kid: 65_535, issuedAt: 2 ** 32 };
      await store.sessions.create({ ...session, first, expiresAt: 8.64e15 });
      const set = `update pawl_sessions set generation = ${2 ** 32 - 2}`;
      await nodes[0].executeQuery(CompiledQuery.raw(set));
      const generation = 2 ** 32 - 2;
      const { tokenHash } = first;
      const request = rotationInput(sessionId, generation, { tokenHash });
      await store.sessions.rotate({ ...request, policy: { ...request.policy, settlePeriod: 0 } });
      expect((await store.sessions.find(sessionId))?.record).toMatchObject({
        generation: 2 ** 32 - 1,
        expiresAt: 8.64e15,
      });
    } finally {
      await close();
    }
  });
});
