import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { expect, inject, it } from 'vitest';
import { preparedPool } from '../src/prepared-pool.ts';

it('fails a statement whose connection breaks, and lives on', async () => {
  const pool = new Pool({ connectionString: inject('postgresUrl'), max: 1 });
  pool.on('error', () => {});
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: preparedPool(pool) }),
  });
  const own = CompiledQuery.raw('select pg_terminate_backend(pg_backend_pid())');
  await expect(db.executeQuery(own)).rejects.toThrow('terminating connection');
  const { rows } = await db.executeQuery<{ one: number }>(CompiledQuery.raw('select 1 as one'));
  expect(rows).toEqual([{ one: 1 }]);
  await db.destroy();
});
