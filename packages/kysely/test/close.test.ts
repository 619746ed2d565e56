import { newApiKey, newSession } from '@pawl/testkit';
import { CompiledQuery } from 'kysely';
import { createPool } from 'mysql2';
import { Pool } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { preparedPool } from '../src/driver/prepared-pool.ts';
import { timeLimitedPool } from '../src/driver/time-limited-pool.ts';
import { createKyselyStore } from '../src/store.ts';
import { openDatabase } from './databases.ts';

describe.for(['postgres', 'mysql', 'sqlite'] as const)('close on %s', (dialect) => {
  it('waits for the writes that no call waits for, and leaves the database open', async () => {
    const { nodes, close } = await openDatabase(dialect, { connections: 2 });
    const [db] = nodes;
    const store = createKyselyStore(db, { dialect });
    const { keyId } = await store.apiKeys.create(newApiKey());
    await store.apiKeys.find(keyId, 0);
    await store.close();
    const text = `select last_used_at from pawl_api_keys where key_id = '${keyId}'`;
    const { rows } = await db.executeQuery<{ last_used_at: unknown }>(CompiledQuery.raw(text));
    expect(Number(rows[0]?.last_used_at)).toBeGreaterThan(1e12);
    await store.close();
    expect(await store.sessions.create(newSession())).toMatchObject({ kind: 'created' });
    await close();
  });
});

it('a pool that is wrapped often has one listener', async () => {
  const pool = new Pool({ connectionString: inject('postgresUrl') });
  const before = pool.listenerCount('connect');
  const wrapped = Array.from({ length: 12 }, () => preparedPool(pool));
  expect(new Set(wrapped).size).toBe(1);
  expect(pool.listenerCount('connect')).toBe(before + 1);
  await wrapped[0]?.end();
  expect(pool.listenerCount('connect')).toBe(before);
});

it('a time-limited pool adds no listener', async () => {
  const pool = createPool({ uri: inject('mariadbUrl') });
  const count = (): number[] =>
    ['connection', 'acquire', 'release', 'error'].map((name) =>
      (pool as unknown as NodeJS.EventEmitter).listenerCount(name),
    );
  const before = count();
  for (let i = 0; i < 12; i++) timeLimitedPool(pool, 1_000);
  expect(count()).toEqual(before);
  await new Promise<void>((resolve) => pool.end(() => resolve()));
});
