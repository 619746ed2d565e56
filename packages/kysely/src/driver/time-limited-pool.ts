import { ConfigurationError } from '@pawl/core';
import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from 'kysely';
import { isWrongServer } from '../sql/failure.ts';

type Query = ReturnType<MysqlPoolConnection['query']>;
type QueryCallback = (error: unknown, result: MysqlQueryResult) => void;

/** The longest delay of `setTimeout`, in ms. */
const maxTimeout = 2_147_483_647;

/**
 * Wraps a pool of mysql2 for Kysely's `MysqlDialect` so that a query fails if its result does not
 * arrive in time. The connection is destroyed, and the store throws a `StoreUnavailableError`. A
 * connection whose server refuses writes, because it is no longer the primary, is destroyed as well.
 *
 * mysql2 has no timeout for the queries of a pool: if the server no longer responds but the
 * connection stays open, every request waits forever. (`pg` has `query_timeout`.)
 *
 * @param pool a pool of `createPool` of `mysql2`
 * @param queryTimeout the longest time from sending a query to its result, in ms. At least 1.
 * @throws ConfigurationError if `queryTimeout` is invalid
 * @example
 * const pool = createPool({ uri: process.env.DATABASE_URL, connectTimeout: 5_000 });
 * const db = new Kysely({ dialect: new MysqlDialect({ pool: timeLimitedPool(pool, 5_000) }) });
 */
export const timeLimitedPool = (pool: MysqlPool, queryTimeout: number): MysqlPool => {
  if (!(queryTimeout >= 1 && queryTimeout <= maxTimeout)) {
    throw new ConfigurationError('queryTimeout', 'must be between 1 and 2,147,483,647 ms');
  }
  const connections = new WeakMap<MysqlPoolConnection, MysqlPoolConnection>();
  return {
    getConnection: (callback) =>
      pool.getConnection((error, connection) => {
        if (error) return callback(error, connection);
        const wrapped =
          connections.get(connection) ?? new TimeLimitedConnection(connection, queryTimeout);
        connections.set(connection, wrapped);
        callback(null, wrapped);
      }),
    end: (callback) => pool.end(callback),
  };
};

class TimeLimitedConnection implements MysqlPoolConnection {
  readonly #connection: MysqlPoolConnection;
  readonly #queryTimeout: number;
  #isWrongServer = false;

  constructor(connection: MysqlPoolConnection, queryTimeout: number) {
    this.#connection = connection;
    this.#queryTimeout = queryTimeout;
  }

  get config(): object {
    return this.#connection.config;
  }

  get threadId(): number {
    return this.#connection.threadId;
  }

  query(sql: string, parameters: unknown, callback?: QueryCallback): Query {
    if (!callback) return this.#connection.query(sql, parameters);
    let finished = false;
    const finish: QueryCallback = (error, result) => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      this.#isWrongServer ||= isWrongServer(error);
      callback(error, result);
    };
    const timer = setTimeout(() => {
      // Not reused: a late result would be taken for the result of the next query.
      this.#connection.destroy();
      finish(new Error(`the database did not answer within ${this.#queryTimeout} ms`), []);
    }, this.#queryTimeout);
    return this.#connection.query(sql, parameters, finish);
  }

  connect(callback?: (error: unknown) => void): void {
    this.#connection.connect(callback);
  }

  destroy(): void {
    this.#connection.destroy();
  }

  release(): void {
    if (this.#isWrongServer) this.#connection.destroy();
    else this.#connection.release();
  }
}
