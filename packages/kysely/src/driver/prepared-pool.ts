import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { isWrongServer } from '../sql/failure.ts';
import { nameOfStatement } from '../sql/statement-name.ts';

/**
 * Wraps a `pg` pool for Kysely's `PostgresDialect` so that this package's statements become named
 * prepared statements: PostgreSQL parses and plans each one once per connection instead of at every
 * call. All other statements are passed on unchanged.
 *
 * When a connection breaks, the statement that runs on it fails. `pg` also emits an `error` event on
 * the client, for which Kysely has no listener; this wrapper adds one, because an `error` event
 * without a listener ends the process.
 *
 * A connection whose server refuses writes, because it is no longer the primary, is destroyed.
 *
 * A PgBouncer in transaction mode must keep statement names: `max_prepared_statements` above 0, which
 * exists since PgBouncer 1.21 and is the default since 1.24.
 *
 * @example
 * const pool = new Pool({ connectionString: process.env.DATABASE_URL });
 * pool.on('error', console.error);
 * const db = new Kysely({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
 */
export const preparedPool = (pool: PostgresPool): PostgresPool => {
  // One listener per pool, however often it is wrapped.
  const wrapped = wrappedPools.get(pool) ?? wrapPool(pool);
  wrappedPools.set(pool, wrapped);
  return wrapped;
};

const wrappedPools = new WeakMap<PostgresPool, PostgresPool>();

const wrapPool = (pool: PostgresPool): PostgresPool => {
  const clients = new WeakMap<PostgresPoolClient, PostgresPoolClient>();
  // At the first event, because an error may arrive in the same packet as the greeting.
  const unlisten = listen(pool, 'connect', ignoreErrors);
  return {
    options: pool.options,
    ...(pool.Client && { Client: pool.Client }),
    end: () => {
      unlisten();
      return pool.end();
    },
    connect: async () => {
      const client = await pool.connect();
      const known = clients.get(client);
      if (known) return known;
      ignoreErrors(client);
      const prepared = new PreparedClient(client);
      clients.set(client, prepared);
      return prepared;
    },
  };
};

const listenedTo = new WeakSet<object>();

const ignoreErrors = (client: object): void => {
  if (listenedTo.has(client)) return;
  listenedTo.add(client);
  listen(client, 'error', () => {});
};

/** Pools and clients of `pg` are event emitters, although Kysely's types do not say so. */
const listen = (
  emitter: object & { on?: unknown; off?: unknown },
  event: string,
  listener: (value: object) => void,
): (() => void) => {
  if (typeof emitter.on === 'function') emitter.on(event, listener);
  return () => {
    if (typeof emitter.off === 'function') emitter.off(event, listener);
  };
};

class PreparedClient implements PostgresPoolClient {
  readonly #client: PostgresPoolClient;
  #isWrongServer = false;

  constructor(client: PostgresPoolClient) {
    this.#client = client;
  }

  // Kysely uses it to cancel a query.
  get processID(): number {
    return this.#client.processID as number;
  }

  query<R>(sql: string, parameters: ReadonlyArray<unknown>): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    query: string | PostgresCursor<R>,
    parameters: ReadonlyArray<unknown> = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof query !== 'string') return this.#client.query(query);
    return this.#run(query, parameters);
  }

  async #run<R>(
    query: string,
    parameters: ReadonlyArray<unknown>,
  ): Promise<PostgresQueryResult<R>> {
    const name = nameOfStatement(query);
    // `pg` accepts an object instead of the text, although Kysely's type does not say so.
    const statement = name === undefined ? query : ({ name, text: query } as unknown as string);
    try {
      return await this.#client.query<R>(statement, parameters);
    } catch (error) {
      this.#isWrongServer ||= isWrongServer(error);
      throw error;
    }
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy || this.#isWrongServer);
  }
}
