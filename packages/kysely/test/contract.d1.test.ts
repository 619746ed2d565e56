import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { createTestClock, testStore } from '@pawl/testkit';
import { Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import { type D1DatabaseBinding, d1Dialect } from '../src/driver/d1.ts';
import { migrate } from '../src/migration/migrations.ts';
import { createKyselyStore } from '../src/store.ts';

/** SQLite behind the interface of a binding of Cloudflare D1: bytes are returned as arrays of numbers. */
const openBinding = (): D1DatabaseBinding & { close(): void } => {
  const database = new DatabaseSync(':memory:');
  const valueOf = (value: unknown): unknown =>
    value instanceof Uint8Array ? Array.from(value) : value;
  const rowOf = (row: object): object =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, valueOf(value)]));
  return {
    close: () => database.close(),
    prepare: (sql) => ({
      bind: (...values) => ({
        all: async () => {
          if (/^\s*(begin|commit|rollback|savepoint)\b/i.test(sql)) throw new Error('use batch()');
          const statement = database.prepare(sql);
          const parameters = values as SQLInputValue[];
          if (statement.columns().length > 0) {
            return { results: statement.all(...parameters).map(rowOf), meta: {} };
          }
          return { results: [], meta: { changes: Number(statement.run(...parameters).changes) } };
        },
      }),
    }),
  };
};

describe('D1, an injected clock', () => {
  testStore({ describe, it, expect }, async () => {
    const binding = openBinding();
    const db = new Kysely<unknown>({ dialect: d1Dialect(binding) });
    await migrate(db, { dialect: 'sqlite' });
    const clock = createTestClock();
    const store = createKyselyStore(db, { dialect: 'sqlite', clock: clock.now });
    return { store, clock, close: () => binding.close() };
  });
});

it('a query that never ends holds up no other', async () => {
  const binding = openBinding();
  const prepare = binding.prepare.bind(binding);
  const hanging = { bind: () => ({ all: () => new Promise<never>(() => {}) }) };
  const db = new Kysely<unknown>({
    dialect: d1Dialect({
      prepare: (sql) => (sql.includes('last_active_at = case') ? hanging : prepare(sql)),
    }),
  });
  await migrate(db, { dialect: 'sqlite' });
  const store = createKyselyStore(db, { dialect: 'sqlite' });
  // As of a request that has been answered.
  void store.sessions.touch('id', 0);
  expect(await store.sessions.find('id')).toBeNull();
  await store.check();
  binding.close();
});
