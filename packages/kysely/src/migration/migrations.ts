import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import type { DialectName } from '../sql/dialect.ts';
import { type NamingOptions, validateNaming } from '../sql/table-names.ts';
import { Ddl } from './ddl.ts';
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
 * `<prefix>migrations`, separate from the application's own migrations.
 *
 * @throws ConfigurationError if the prefix or the schema is invalid
 * @example
 * const { error } = await createMigrator(db, { dialect: 'postgres' }).migrateToLatest();
 * if (error) throw error;
 */
export const createMigrator = <DB>(db: Kysely<DB>, options: MigrationOptions): Migrator => {
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
