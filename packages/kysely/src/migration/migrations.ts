import { pause } from '@pawl/core/internal';
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { assertDatabase } from '../sql/assert-database.ts';
import type { DialectName } from '../sql/dialect.ts';
import { type NamingOptions, validateNaming } from '../sql/table-names.ts';
import { Ddl } from './ddl.ts';
import { isConcurrent, migrationFailure } from './failure.ts';
import { type Step, steps } from './steps.ts';

/** Options of the migrations. Use the same values for {@link createKyselyStore}. */
export interface MigrationOptions extends NamingOptions {
  /** The SQL dialect of the database. Use `mysql` for MariaDB, too. */
  readonly dialect: DialectName;
}

/**
 * Returns the numbered migrations as a provider for the application's own `Migrator`. They need a
 * migration table of their own: see {@link createMigrator}.
 *
 * @throws ConfigurationError if the prefix or the schema is invalid
 */
export const migrations = ({ dialect, ...naming }: MigrationOptions): MigrationProvider => {
  const ddl = new Ddl(dialect, naming);
  const all = steps.map((step): [string, Migration] => [
    step.name,
    { up: (db) => runAll(db, step.up(ddl)), down: (db) => runAll(db, step.down(ddl)) },
  ]);
  return { getMigrations: async () => Object.fromEntries(all) };
};

/**
 * Creates Kysely's migrator for this package's tables. It records its progress in the table
 * `<prefix>migrations`, separate from the application's own migrations. Its methods resolve with an
 * `error` instead of throwing it; {@link migrate} throws.
 *
 * @throws ConfigurationError if the prefix or the schema is invalid
 * @example
 * const { error } = await createMigrator(db, { dialect: 'postgres' }).migrateUp();
 * if (error) throw error;
 */
export const createMigrator = <DB>(db: Kysely<DB>, options: MigrationOptions): Migrator => {
  assertDatabase(db, options.dialect);
  const { prefix, schema } = validateNaming(options);
  return new Migrator({
    db: db.withoutPlugins(),
    provider: migrations(options),
    migrationTableName: `${prefix}migrations`,
    migrationLockTableName: `${prefix}migrations_lock`,
    ...(schema !== undefined && options.dialect !== 'sqlite' && { migrationTableSchema: schema }),
  });
};

/**
 * Creates or updates this package's tables, or throws: {@link createMigrator} resolves with an `error`
 * that is easily overlooked. On SQLite, which has no lock for it, it waits for another process.
 *
 * @throws ConfigurationError if the prefix or the schema is invalid, or if the database refuses, with a
 *   sentence that says why; `cause` is the driver's error
 * @example
 * await migrate(db, { dialect: 'postgres' });
 */
export const migrate = async <DB>(db: Kysely<DB>, options: MigrationOptions): Promise<void> => {
  const migrator = createMigrator(db, options);
  for (let attempt = 1; ; attempt++) {
    const { error, results } = await migrator.migrateToLatest();
    if (error === undefined) return;
    // Another process creates the same tables.
    if (attempt === maxAttempts || !isConcurrent(error)) {
      const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
      throw migrationFailure(error, failed);
    }
    await pause(Math.random() * 50 * attempt);
  }
};

const maxAttempts = 10;

/**
 * Returns the migrations as SQL text, for applications that run migrations with another tool.
 *
 * @throws ConfigurationError if the prefix or the schema is invalid
 * @example
 * await writeFile('migrations/0042_pawl.sql', printMigrations({ dialect: 'mysql' }));
 */
export const printMigrations = ({ dialect, ...naming }: MigrationOptions): string => {
  const ddl = new Ddl(dialect, naming);
  const print = ({ name, up }: Step): string =>
    `-- ${name}\n${up(ddl)
      .map((statement) => `${statement};\n`)
      .join('')}`;
  return steps.map(print).join('\n');
};

const runAll = async (db: Kysely<unknown>, statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};
