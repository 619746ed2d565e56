import type { Cleanable } from '@pawl/core';
import { type Clock, ConfigurationError } from '@pawl/core';
import type { LeaseStore, Store } from '@pawl/core/store';
import type { Kysely, Transaction } from 'kysely';
import { sqlApiKeys } from './api-keys.ts';
import { sqlBlocklist } from './blocklist.ts';
import { sqlLeases } from './leases.ts';
import { sqlRateLimits } from './rate-limits.ts';
import { sqlSessions } from './session/sessions.ts';
import { sqlSingleUse } from './single-use.ts';
import { Database } from './sql/database.ts';
import type { DialectName } from './sql/dialect.ts';
import { createGrammar } from './sql/sql-context.ts';
import type { NamingOptions } from './sql/table-names.ts';

export interface KyselyStoreOptions extends NamingOptions {
  /** What the database speaks. `mysql` is for MariaDB too. */
  readonly dialect: DialectName;
  /** How many rows `deleteExpired` takes per statement. Default: 500. */
  readonly batchSize?: number;
  /**
   * For tests: answers ms since the epoch, instead of the database's clock.
   * In production every node would then trust its own clock.
   */
  readonly clock?: Clock;
}

/** A store in SQL. */
export interface KyselyStore extends Store {
  /** Leases that ran out a day ago are removed by its `deleteExpired`. */
  readonly leases: LeaseStore & Cleanable;
  /**
   * The same store within the application's transaction: what it does is seen
   * by others when that commits, and is undone if it does not. Nothing is
   * retried: a deadlock is the transaction's. On PostgreSQL the transaction
   * must be `read committed`, which is the default.
   */
  within<DB>(transaction: Transaction<DB>): KyselyStore;
}

/**
 * A store in PostgreSQL, MySQL, MariaDB or SQLite, on the application's own
 * Kysely. The tables are made by {@link createMigrator}.
 *
 * @throws ConfigurationError for an option that cannot be.
 */
export const createKyselyStore = <DB>(db: Kysely<DB>, options: KyselyStoreOptions): KyselyStore => {
  const { dialect, batchSize = 500, clock, ...naming } = options;
  if (!['postgres', 'mysql', 'sqlite'].includes(dialect)) {
    throw new ConfigurationError('dialect', 'must be postgres, mysql or sqlite');
  }
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new ConfigurationError('batchSize', 'must be a whole number of at least 1');
  }
  const grammar = createGrammar(dialect, naming, clock !== undefined, batchSize);
  const sessions = sqlSessions(grammar);
  const blocklist = sqlBlocklist(grammar);
  const singleUse = sqlSingleUse(grammar);
  const apiKeys = sqlApiKeys(grammar);
  const leases = sqlLeases(grammar);
  const rateLimits = sqlRateLimits(grammar);

  const on = (database: Database): KyselyStore => ({
    sessions: sessions(database),
    blocklist: blocklist(database),
    singleUse: singleUse(database),
    apiKeys: apiKeys(database),
    leases: leases(database),
    rateLimits: rateLimits(database),
    within: (transaction) => on(database.within(plain(transaction))),
  });
  return on(new Database(plain(db), dialect, clock));
};

/** Without the plugins by which the application renames columns: our statements are text. */
const plain = <DB>(db: Kysely<DB>): Kysely<unknown> =>
  db.withoutPlugins() as unknown as Kysely<unknown>;
