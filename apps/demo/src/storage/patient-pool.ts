import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from 'kysely';

type Sent = ReturnType<MysqlPoolConnection['query']>;
type Done = (error: unknown, result: MysqlQueryResult) => void;

/**
 * Wraps a pool of mysql2 so that a query fails after `patience` ms. mysql2 itself waits
 * for ever where a server has stopped answering without closing the connection, and so
 * would every request.
 */
export const patientPool = (pool: MysqlPool, patience: number): MysqlPool => {
  const connections = new WeakMap<MysqlPoolConnection, MysqlPoolConnection>();
  return {
    getConnection: (callback) =>
      pool.getConnection((error, connection) => {
        if (error) return callback(error, connection);
        const known = connections.get(connection) ?? new PatientConnection(connection, patience);
        connections.set(connection, known);
        callback(null, known);
      }),
    end: (callback) => pool.end(callback),
  };
};

class PatientConnection implements MysqlPoolConnection {
  readonly #connection: MysqlPoolConnection;
  readonly #patience: number;

  constructor(connection: MysqlPoolConnection, patience: number) {
    this.#connection = connection;
    this.#patience = patience;
  }

  get config(): object {
    return this.#connection.config;
  }

  get threadId(): number {
    return this.#connection.threadId;
  }

  query(sql: string, parameters: unknown, done?: Done): Sent {
    if (!done) return this.#connection.query(sql, parameters);
    let isOver = false;
    const finish: Done = (error, result) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      done(error, result);
    };
    const timer = setTimeout(() => {
      // Given up: a late answer would be taken for that of the next query.
      this.#connection.destroy();
      finish(new Error('the database did not answer in time'), []);
    }, this.#patience);
    return this.#connection.query(sql, parameters, finish);
  }

  connect(callback?: (error: unknown) => void): void {
    this.#connection.connect(callback);
  }

  destroy(): void {
    this.#connection.destroy();
  }

  release(): void {
    this.#connection.release();
  }
}
