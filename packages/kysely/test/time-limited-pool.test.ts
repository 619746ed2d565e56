import { ConfigurationError } from '@pawl/core';
import { CompiledQuery, Kysely, MysqlDialect } from 'kysely';
import { createPool } from 'mysql2';
import { expect, inject, test } from 'vitest';
import { timeLimitedPool } from '../src/driver/time-limited-pool.ts';

const connect = (queryTimeout: number): Kysely<unknown> => {
  const pool = createPool({ uri: inject('mariadbUrl'), connectionLimit: 1 });
  return new Kysely({ dialect: new MysqlDialect({ pool: timeLimitedPool(pool, queryTimeout) }) });
};

test('a query that takes too long fails, and its connection is not reused', async () => {
  const db = connect(1_000);
  const ask = (sql: string) => db.executeQuery<{ id: number }>(CompiledQuery.raw(sql));
  const connection = async (): Promise<unknown> => (await ask('select connection_id() as id')).rows;
  const before = await connection();
  expect(await connection()).toEqual(before);
  await expect(ask('select sleep(10) as id')).rejects.toThrow('did not answer within 1000 ms');
  const after = await connection();
  expect(after).toMatchObject([{ id: expect.any(Number) }]);
  expect(after).not.toEqual(before);
  await db.destroy();
});

test('the error of an invalid query is passed on unchanged', async () => {
  const db = connect(1_000);
  await expect(db.executeQuery(CompiledQuery.raw('select nothing'))).rejects.toMatchObject({
    code: 'ER_BAD_FIELD_ERROR',
  });
  await db.destroy();
});

test.for([0, -1, Number.NaN, 2 ** 31])('refuses the query timeout %d', (queryTimeout) => {
  const pool = createPool({ uri: inject('mariadbUrl') });
  expect(() => timeLimitedPool(pool, queryTimeout)).toThrow(ConfigurationError);
});
