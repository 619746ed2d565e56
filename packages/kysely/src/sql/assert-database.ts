import { ConfigurationError } from '@pawl/core';
import type { DialectAdapter, Kysely } from 'kysely';
import type { DialectName } from './dialect.ts';

/**
 * Checks what is known of a database before its first statement. Other plugins than `withSchema` do not
 * apply to this package's statements.
 *
 * @throws ConfigurationError if the dialect is another one, or the schema is chosen by `withSchema`
 */
export const assertDatabase = <DB>(db: Kysely<DB>, dialect: DialectName): void => {
  if (!['postgres', 'mysql', 'sqlite'].includes(dialect)) {
    throw new ConfigurationError('dialect', 'must be postgres, mysql or sqlite');
  }
  if (!isOf(db.getExecutor().adapter, dialect)) {
    throw new ConfigurationError('dialect', `is ${dialect}, and the database is another one`);
  }
  const { sql: text } = (db as Kysely<unknown>).selectFrom('probe' as never).compile();
  if (/\S\.\S?probe/.test(text)) {
    throw new ConfigurationError('db', 'withSchema does not apply; use the option schema');
  }
};

/** By what the adapter of a dialect supports, as third parties have adapters of their own. */
const isOf = (adapter: DialectAdapter, dialect: DialectName): boolean => {
  const { supportsReturning, supportsOutput } = adapter;
  if (supportsOutput === true) return false;
  if (dialect === 'mysql') return supportsReturning !== true;
  if (dialect === 'sqlite') return supportsReturning !== false && !adapter.supportsTransactionalDdl;
  return supportsReturning !== false && !isSqlite(adapter);
};

const isSqlite = (adapter: DialectAdapter): boolean =>
  adapter.supportsMultipleConnections === false && !adapter.supportsTransactionalDdl;
