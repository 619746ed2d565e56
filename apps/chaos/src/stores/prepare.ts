import { createMigrator, type DialectName } from '@pawl/kysely';
import type { Kysely } from 'kysely';
import type { StoreAddress } from './address.ts';
import { openMariadb, openPostgres, openSqlite } from './connect-sql.ts';

/** Creates the tables if the store has tables. */
export const prepareStore = async (address: StoreAddress): Promise<void> => {
  switch (address.store) {
    case 'sqlite':
      return migrate(openSqlite(address.file), 'sqlite');
    case 'postgres':
      return migrate(openPostgres(address.url), 'postgres');
    case 'mariadb':
      return migrate(openMariadb(address.url), 'mysql');
    default:
  }
};

const migrate = async (db: Kysely<unknown>, dialect: DialectName): Promise<void> => {
  const { error } = await createMigrator(db, { dialect }).migrateToLatest();
  await db.destroy();
  if (error) throw new Error('the tables could not be created', { cause: error });
};
