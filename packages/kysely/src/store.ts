import { type Clock, ConfigurationError } from '@pawl/core';
import { assertOptions, type OptionNames } from '@pawl/core/internal';
import type { Cleanable, LeaseStore, Store } from '@pawl/core/store';
import type { Kysely, Transaction } from 'kysely';
import { sqlApiKeys } from './api-keys.ts';
import { sqlBlocklist } from './blocklist.ts';
import { checkStore } from './check/check.ts';
import { sqlLeases } from './leases.ts';
import { sqlRateLimits } from './rate-limits.ts';
import { sqlSessions } from './session/sessions.ts';
import { sqlSingleUse } from './single-use.ts';
import { assertDatabase } from './sql/assert-database.ts';
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
  /**
   * Checks that no option of the driver and no setting of the server takes a guarantee away: reads the
   * settings, and writes, reads and removes records. Call it at the start.
   *
   * @throws ConfigurationError, which names the option or the setting; StoreUnavailableError
   */
  check(): Promise<void>;
  /**
   * Waits for the writes that no call waits for (the last use of an API key). The store starts nothing
   * else: the application's Kysely stays open, and the store can still be used.
   */
  close(): Promise<void>;

  /** Leases. `deleteExpired` removes those that expired more than a day ago. */
  readonly leases: LeaseStore & Cleanable;
  /**
   * Returns the same store within the application's transaction: its writes become visible when the
   * transaction commits, and are undone when it rolls back. Nothing is retried; after a deadlock,
   * repeat the whole transaction. On PostgreSQL the isolation level must be `read committed`, the
   * default. Events and the blocklist are the business of core's `sessions.within(trx)`.
   *
   * @throws ConfigurationError if it is no transaction
   * @example
   * await db.transaction().execute(async (trx) => {
   *   await store.within(trx).singleUse.put(key, value, 60_000, newCallId());
   * });
   */
  within<DB>(transaction: Transaction<DB>): KyselyTransactionStore;
}

/** A store within a transaction of the application, returned by {@link KyselyStore.within}. */
export interface KyselyTransactionStore extends KyselyStore {
  /**
   * Runs a task after the commit of the transaction, and never if it rolls back, to a savepoint before
   * the task too. The commit waits for the task up to a second. A task needs a call of this store in the
   * transaction: the end of the transaction is observed from the first one on.
   */
  afterCommit(task: () => void | Promise<void>): void;
}

/**
 * Creates a store in PostgreSQL, MySQL, MariaDB or SQLite, on the application's own Kysely.
 * {@link migrate} creates the tables.
 *
 * @throws ConfigurationError if an option is invalid; the error names the option
 * @example
 * const db = new Kysely<PawlTables>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
 * await migrate(db, { dialect: 'postgres' });
 * const store = createKyselyStore(db, { dialect: 'postgres' });
 */
export const createKyselyStore = <DB>(db: Kysely<DB>, options: KyselyStoreOptions): KyselyStore => {
  assertOptions(options, optionNames);
  const { dialect, batchSize = 500, clock, ...naming } = options;
  assertDatabase(db, dialect);
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

  const storeOn = (kysely: Kysely<unknown>, database: Database): KyselyStore => {
    const parts: Store & Pick<KyselyStore, 'leases'> = {
      sessions: sessions(database),
      blocklist: blocklist(database),
      singleUse: singleUse(database),
      apiKeys: apiKeys(database),
      leases: leases(database),
      rateLimits: rateLimits(database),
    };
    return {
      ...parts,
      check: () => checkStore(kysely, sqlContext, parts),
      close: () => database.drain(),
      within: (transaction) => {
        if (!transaction?.isTransaction) {
          throw new ConfigurationError('transaction', 'must be a transaction of Kysely');
        }
        const trx = withoutPlugins(transaction);
        const inner = database.withinApplication(trx);
        return { ...storeOn(trx, inner), afterCommit: (task) => inner.afterCommit(task) };
      },
    };
  };
  const kysely = withoutPlugins(db);
  // Within a transaction, too, if the application passes one.
  const database = new Database(kysely, dialect, clock);
  return storeOn(kysely, db.isTransaction ? database.withinApplication(kysely) : database);
};

const optionNames: OptionNames<KyselyStoreOptions> = {
  dialect: 1,
  batchSize: 1,
  clock: 1,
  prefix: 1,
  schema: 1,
};

/** Plugins of the application, which may rename columns, must not apply to this package's SQL. */
const withoutPlugins = <DB>(db: Kysely<DB>): Kysely<unknown> =>
  db.withoutPlugins() as unknown as Kysely<unknown>;
