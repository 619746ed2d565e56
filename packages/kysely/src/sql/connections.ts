import { isPawlError, StoreUnavailableError } from '@pawl/core';
import { CompiledQuery, type DatabaseConnection, type Kysely, sql } from 'kysely';
import { readSettings, validateSettings } from '../check/settings.ts';
import type { DialectName } from './dialect.ts';
import { isWrongServer } from './failure.ts';

/** Runs on a connection of the pool, or on the connection of the transaction. */
export const withConnection = <T>(
  db: Kysely<unknown>,
  dialect: DialectName,
  use: (connection: DatabaseConnection) => Promise<T>,
): Promise<T> =>
  db.getExecutor().provideConnection(async (connection) => {
    if (dialect === 'mysql') await validateConnection(connection);
    try {
      return await use(connection);
    } catch (error) {
      // Only the application can end its transaction.
      if (isWrongServer(error) && !db.isTransaction) await killSession(connection);
      throw error;
    }
  });

const validated = new WeakSet<DatabaseConnection>();

/**
 * MySQL and MariaDB have settings under which a write is lost or finds nothing, without an error. So the
 * first statement of each connection reads them; a connection with such a setting is not used.
 *
 * @throws StoreUnavailableError, whose cause is the ConfigurationError that names the setting
 */
const validateConnection = async (connection: DatabaseConnection): Promise<void> => {
  if (validated.has(connection)) return;
  const { rows } = await connection.executeQuery(CompiledQuery.raw(readSettings.mysql));
  try {
    validateSettings('mysql', rows);
  } catch (error) {
    if (!isPawlError(error) || error.code !== 'ERR_CONFIGURATION') throw error;
    throw new StoreUnavailableError({ cause: error });
  }
  validated.add(connection);
};

/** Destroys a connection of mysql2 or postgres.js. The driver of `pg` does nothing here. */
const killSession = async (connection: DatabaseConnection): Promise<void> => {
  try {
    await connection.killSession?.((use) => use(connection));
  } catch {
    // The session has ended.
  }
};

/** Throws away a connection of `pg` that leads to a server without writes, if the pool has one idle. */
export const discardReadOnly = async (db: Kysely<unknown>): Promise<void> => {
  const transaction = db.transaction().execute(async (trx) => {
    const query = sql<{ mode: string }>`select current_setting('transaction_read_only') as mode`;
    const { rows } = await query.execute(trx);
    if (rows[0]?.mode === 'on') await discardAfter(trx);
    throw new Error('only to roll back');
  });
  await transaction.catch(() => {});
};

/**
 * Makes the rollback of a transaction report a failure, after which Kysely's driver of `pg` destroys the
 * connection instead of returning it to the pool. On mysql2 and postgres.js the session is ended.
 */
export const discardAfter = (trx: Kysely<unknown>): Promise<void> =>
  trx.getExecutor().provideConnection(async (connection) => {
    const original = Reflect.get(connection, 'executeQuery') as DatabaseConnection['executeQuery'];
    connection.executeQuery = async (query, options) => {
      const result = await original.call(connection, query, options);
      if (query.sql !== 'rollback') return result as never;
      connection.executeQuery = original;
      await killSession(connection);
      throw new Error('the connection leads to a server that refuses writes');
    };
  });
