import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import type { DialectName } from '../sql/dialect.ts';
import { checkNaming, type NamingOptions } from '../sql/table-names.ts';
import { Ddl } from './ddl.ts';
import { type Step, steps } from './steps.ts';

export interface MigrationOptions extends NamingOptions {
  /** `mysql` is for MariaDB too. */
  readonly dialect: DialectName;
}

/**
 * The numbered migrations, for a `Migrator` of the application's own. They want
 * a migration table to themselves: see {@link createMigrator}.
 * @throws ConfigurationError for a prefix or schema that is none.
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
 * Kysely's migrator over these migrations, which keeps its own account of them
 * in `<prefix>migrations`, beside that of the application.
 * @throws ConfigurationError for a prefix or schema that is none.
 */
export const createMigrator = <DB>(db: Kysely<DB>, options: MigrationOptions): Migrator => {
  const { prefix, schema } = checkNaming(options);
  return new Migrator({
    db: db.withoutPlugins(),
    provider: migrations(options),
    migrationTableName: `${prefix}migrations`,
    migrationLockTableName: `${prefix}migrations_lock`,
    ...(schema !== undefined && options.dialect !== 'sqlite' && { migrationTableSchema: schema }),
  });
};

/** The same migrations as SQL text, for who runs them by other means. */
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
