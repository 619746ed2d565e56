import { CompiledQuery, Kysely, MysqlDialect } from 'kysely';
import { createPool } from 'mysql2';
import { expect, inject, test } from 'vitest';
import { patientPool } from './patient-pool.ts';

test('a query that takes too long fails, and its connection is not used again', async () => {
  const pool = createPool({ uri: inject('mysqlUrl'), connectionLimit: 1 });
  const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: patientPool(pool, 1_000) }) });
  const ask = (sql: string) => db.executeQuery<{ id: number }>(CompiledQuery.raw(sql));
  const connection = async (): Promise<unknown> => (await ask('select connection_id() as id')).rows;
  const before = await connection();
  expect(await connection()).toEqual(before);
  await expect(ask('select sleep(10) as id')).rejects.toThrow('did not answer in time');
  const after = await connection();
  expect(after).toMatchObject([{ id: expect.any(Number) }]);
  expect(after).not.toEqual(before);
  await db.destroy();
});

test('what is wrong with a query is told as it is', async () => {
  const pool = createPool({ uri: inject('mysqlUrl'), connectionLimit: 1 });
  const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: patientPool(pool, 1_000) }) });
  await expect(db.executeQuery(CompiledQuery.raw('select nothing'))).rejects.toMatchObject({
    code: 'ER_BAD_FIELD_ERROR',
  });
  await db.destroy();
});
