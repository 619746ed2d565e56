import { type Clock, ConfigurationError } from '@pawl/core';
import type { Cleanable, LeaseStore, Store } from '@pawl/core/store';
import type { Kysely, Transaction } from 'kysely';
import { sqlApiKeys } from './api-keys.ts';
import { sqlBlocklist } from './blocklist.ts';
import { sqlLeases } from './leases.ts';
import { sqlRateLimits } from './rate-limits.ts';
import { sqlSessions } from './session/sessions.ts';
import { sqlSingleUse } from './single-use.ts';
import { Database } from './sql/database.ts';
import type { DialectName } from './sql/dialect.ts';
import { createSqlContext } from './sql/sql-context.ts';
import type { NamingOptions } from './sql/table-names.ts';

/** Options of {@link createKyselyStore}. */
export interface KyselyStoreOptions extends NamingOptions {
  /** The SQL dialect of the database. Use `mysql` for MariaDB, too. */
  readonly dialect: DialectName;
  /** How many rows `deleteExpired` removes per statement. At least 1. Default 500. */
  readonly batchSize?: number | undefined;
  /**
   * For tests: returns the time in ms since the epoch, used instead of the database's clock. Not
   * for production, where the clocks of the nodes differ.
   */
  readonly clock?: Clock | undefined;
}

/** A store in a SQL database, created by {@link createKyselyStore}. */
export interface KyselyStore extends Store {
  /** Leases. `deleteExpired` removes those that expired more than a day ago. */
  readonly leases: LeaseStore & Cleanable;
  /**
   * Returns the same store within the application's transaction: its writes become visible when the
   * transaction commits, and are undone when it rolls back. Nothing is retried; after a deadlock,
   * repeat the whole transaction. On PostgreSQL the isolation level must be `read committed`, the
   * default.
   *
   * @example
   * await db.transaction().execute(async (trx) => {
   *   await trx.updateTable('users').set({ password_hash }).where('id', '=', userId).execute();
   *   await store.within(trx).sessions.revokeAll({ userId, reason: 'reset', callId: newCallId() });
   * });
   */
  within<DB>(transaction: Transaction<DB>): KyselyStore;
}

/**
 * Creates a store in PostgreSQL, MySQL, MariaDB or SQLite, on the application's own Kysely.
 * {@link createMigrator} creates the tables.
 *
 * @throws ConfigurationError if an option is invalid; the error names the option
 * @example
 * const db = new Kysely<PawlTables>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
 * await createMigrator(db, { dialect: 'postgres' }).migrateToLatest();
 * const store = createKyselyStore(db, { dialect: 'postgres' });
 */
export const createKyselyStore = <DB>(db: Kysely<DB>, options: KyselyStoreOptions): KyselyStore => {
  const { dialect, batchSize = 500, clock, ...naming } = options;
  if (!['postgres', 'mysql', 'sqlite'].includes(dialect)) {
    throw new ConfigurationError('dialect', 'must be postgres, mysql or sqlite');
  }
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new ConfigurationError('batchSize', 'must be a whole number of at least 1');
  }
  const sqlContext = createSqlContext(dialect, naming, clock !== undefined, batchSize);
  const sessions = sqlSessions(sqlContext);
  const blocklist = sqlBlocklist(sqlContext);
  const singleUse = sqlSingleUse(sqlContext);
  const apiKeys = sqlApiKeys(sqlContext);
  const leases = sqlLeases(sqlContext);
  const rateLimits = sqlRateLimits(sqlContext);

  const storeOn = (database: Database): KyselyStore => ({
    sessions: sessions(database),
    blocklist: blocklist(database),
    singleUse: singleUse(database),
    apiKeys: apiKeys(database),
    leases: leases(database),
    rateLimits: rateLimits(database),
    within: (transaction) => storeOn(database.within(withoutPlugins(transaction))),
  });
  return storeOn(new Database(withoutPlugins(db), dialect, clock));
};

/** Plugins of the application, which may rename columns, must not apply to this package's SQL. */
const withoutPlugins = <DB>(db: Kysely<DB>): Kysely<unknown> =>
  db.withoutPlugins() as unknown as Kysely<unknown>;
