import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { nameOfStatement } from '../sql/statement-name.ts';

/**
 * Wraps a `pg` pool for Kysely's `PostgresDialect`, so that this package's
 * statements are *named*: PostgreSQL parses and plans each one once per
 * connection instead of every time. All other statements pass as they are.
 *
 * A connection that breaks fails the statement that runs on it. `pg` emits it as
 * an event of the client as well, which nobody hears while Kysely has the client:
 * without this wrapper, or a listener of your own, it would end the process.
 *
 * Not for a PgBouncer before 1.21 in transaction mode, which loses names.
 */
export const preparedPool = (pool: PostgresPool): PostgresPool => {
  const clients = new WeakMap<PostgresPoolClient, PostgresPoolClient>();
  // At once: the server's last words may come in one packet with its first.
  listen(pool, 'connect', hear);
  return {
    options: pool.options,
    ...(pool.Client && { Client: pool.Client }),
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      const known = clients.get(client);
      if (known) return known;
      hear(client);
      const prepared = new PreparedClient(client);
      clients.set(client, prepared);
      return prepared;
    },
  };
};

const heard = new WeakSet<object>();

const hear = (client: object): void => {
  if (heard.has(client)) return;
  heard.add(client);
  listen(client, 'error', () => {});
};

/** Pools and clients of `pg` are emitters, which Kysely's types do not know. */
const listen = (
  emitter: object & { on?: unknown },
  event: string,
  listener: (value: object) => void,
): void => {
  if (typeof emitter.on === 'function') emitter.on(event, listener);
};

class PreparedClient implements PostgresPoolClient {
  readonly #client: PostgresPoolClient;

  constructor(client: PostgresPoolClient) {
    this.#client = client;
  }

  // What Kysely finds the backend by when a query is to be cancelled.
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
    const name = nameOfStatement(query);
    if (name === undefined) return this.#client.query(query, parameters);
    // `pg` takes an object in the place of the text, which Kysely's type does not know.
    const named = { name, text: query } as unknown as string;
    return this.#client.query(named, parameters);
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy);
  }
}
