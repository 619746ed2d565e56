import type { Socket } from 'node:net';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { expect, inject, it } from 'vitest';
import { preparedPool } from '../src/driver/prepared-pool.ts';

it('fails the statement whose connection breaks, and the process continues', async () => {
  const pool = new Pool({ connectionString: inject('postgresUrl'), max: 1 });
  let socket: Socket | undefined;
  pool.on('connect', (client) => {
    socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
  });
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: preparedPool(pool) }),
  });
  const sleeping = db.executeQuery(CompiledQuery.raw('select pg_sleep(10)'));
  await expect.poll(() => socket).toBeDefined();
  setTimeout(() => socket?.destroy(), 50);
  await expect(sleeping).rejects.toThrow('Connection terminated');
  const { rows } = await db.executeQuery(CompiledQuery.raw('select 1 as one'));
  expect(rows).toEqual([{ one: 1 }]);
  await db.destroy();
});

it('handles a connection that breaks while it is handed out', async () => {
  const pool = new Pool({ connectionString: inject('postgresUrl'), max: 1 });
  const prepared = preparedPool(pool);
  // After the pool has stopped listening, and before the caller receives the connection.
  pool.once('acquire', (client) => {
    queueMicrotask(() => client.emit('error', new Error('terminating connection')));
  });
  const client = await prepared.connect();
  expect(pool.totalCount).toBe(1);
  client.release(true);
  expect(pool.totalCount).toBe(0);
  await pool.end();
});
