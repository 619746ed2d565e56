import { readFileSync } from 'node:fs';
import { type FirstEdition, testFirstEdition } from '@pawl/upgrades';
import { type Kysely, sql } from 'kysely';
import { type MigrationResultSet, NO_MIGRATIONS } from 'kysely/migration';
import { describe } from 'vitest';
import { createMigrator } from '../src/migration/migrations.ts';
import type { DialectName } from '../src/sql/dialect.ts';
import { createKyselyStore } from '../src/store.ts';
import { openDatabase } from './databases.ts';

type Row = Readonly<Record<string, string | number | null>>;

/** See the README of `@pawl/upgrades`. */
interface Made extends FirstEdition {
  /** Those that had been run. */
  readonly migrations: readonly string[];
  readonly tables: Readonly<Record<string, readonly Row[]>>;
}

const madeIn = (dialect: DialectName): Made =>
  JSON.parse(
    readFileSync(new URL(`first-edition/${dialect}.json`, import.meta.url), 'utf8'),
  ) as Made;

const valueOf = (value: string | number | null): unknown =>
  typeof value === 'string' && value.startsWith('0x') ? Buffer.from(value.slice(2), 'hex') : value;

const insert = async (db: Kysely<unknown>, table: string, row: Row): Promise<void> => {
  const columns = Object.keys(row).map((column) => sql.id(column));
  const values = Object.values(row).map((value) => sql`${valueOf(value)}`);
  await db.executeQuery(
    sql`insert into ${sql.id(`pawl_${table}`)} (${sql.join(columns)})
      values (${sql.join(values)})`.compile(db),
  );
};

const succeed = async (migrating: Promise<MigrationResultSet>): Promise<void> => {
  const { error } = await migrating;
  if (error) throw new Error('the migrations failed', { cause: error });
};

describe.each(['postgres', 'mysql', 'sqlite'] as const)(
  'data of the first edition in %s',
  (dialect) => {
    const made = madeIn(dialect);
    testFirstEdition(made, async (age) => {
      const { nodes, close } = await openDatabase(dialect);
      const [db] = nodes;
      const migrator = createMigrator(db, { dialect });
      await succeed(migrator.migrateTo(NO_MIGRATIONS));
      await succeed(migrator.migrateTo(made.migrations.at(-1) as string));
      for (const [table, rows] of Object.entries(made.tables)) {
        for (const row of rows) await insert(db, table, row);
      }
      await succeed(migrator.migrateToLatest());
      const clock = (): number => made.madeAt + 1_000 + age;
      return { store: createKyselyStore(db, { dialect, clock }), clock, close };
    });
  },
);
