import type { DialectName } from '@pawl/kysely';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';

/** Numbered without gaps. A published migration is never changed. */
const steps = (dialect: DialectName): Record<string, Migration> => ({
  '0001_users': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('demo_users')
        .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('name', exact(dialect, 64), (column) => column.notNull())
        .addColumn('name_key', exact(dialect, 255), (column) => column.notNull().unique())
        .addColumn('password_hash', 'varchar(255)', (column) => column.notNull())
        .execute();
    },
  },
  '0002_full_name': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .alterTable('demo_users')
        .addColumn('full_name', exact(dialect, 255))
        .execute();
    },
  },
});

/** Text that is compared byte by byte: MySQL would treat `é` as `e`. */
const exact = (dialect: DialectName, length: number): ReturnType<typeof sql> =>
  dialect === 'mysql'
    ? sql`varchar(${sql.lit(length)}) character set utf8mb4 collate utf8mb4_bin`
    : sql`varchar(${sql.lit(length)})`;

/** Creates or updates the tables of the users. */
export const migrateUsers = async <DB>(db: Kysely<DB>, dialect: DialectName): Promise<void> => {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => steps(dialect) },
    migrationTableName: 'demo_migrations',
    migrationLockTableName: 'demo_migrations_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw new Error('the migrations of the users failed', { cause: error });
};
