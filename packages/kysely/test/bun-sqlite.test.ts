import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import { type NodeSqliteDatabase, nodeSqliteDialect } from '../src/driver/node-sqlite.ts';
import { migrate } from '../src/migration/migrations.ts';
import { createKyselyStore } from '../src/store.ts';

/** SQLite behind the interface of `bun:sqlite`, whose statements have `columnNames`. */
const openLikeBun = (): NodeSqliteDatabase => {
  const database = new DatabaseSync(':memory:');
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        columnNames: statement.columns().map(({ name }) => name),
        all: (...values) => statement.all(...values),
        iterate: (...values) => statement.iterate(...values),
        run: (...values) => statement.run(...values),
      };
    },
  };
};

it('the store works on bun:sqlite', async () => {
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(openLikeBun()) });
  await migrate(db, { dialect: 'sqlite' });
  const store = createKyselyStore(db, { dialect: 'sqlite' });
  await expect(store.check()).resolves.toBeUndefined();
  await db.destroy();
});
