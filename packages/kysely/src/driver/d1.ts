import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type SchemaMetadata,
  SqliteAdapter,
  SqliteQueryCompiler,
  type TableMetadata,
} from 'kysely';

/** The part of a `D1Database` of Cloudflare Workers that the dialect uses. */
export interface D1DatabaseBinding {
  prepare(sql: string): {
    bind(...values: unknown[]): { all(): Promise<D1Rows> };
  };
}

/** The answer of D1 to a statement. */
interface D1Rows {
  readonly results: unknown[];
  readonly meta: { readonly changes?: number };
}

/**
 * Creates Kysely's dialect on a database of Cloudflare D1. D1 has neither connections nor transactions
 * that stay open: a query whose request has ended holds up no other, and the store needs no transaction.
 *
 * @example
 * const db = new Kysely({ dialect: d1Dialect(env.DB) });
 * const store = createKyselyStore(db, { dialect: 'sqlite' });
 */
export const d1Dialect = (database: D1DatabaseBinding): Dialect => ({
  createAdapter: () => new D1Adapter(),
  createDriver: () => new D1Driver(database),
  createIntrospector: (db) => new D1Introspector(db as Kysely<unknown>),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

/** Without Kysely's lock around the only connection of SQLite. */
class D1Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class D1Driver implements Driver {
  readonly #connection: D1Connection;

  constructor(database: D1DatabaseBinding) {
    this.#connection = new D1Connection(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    throw new Error('D1 has no transactions that stay open');
  }

  async commitTransaction(): Promise<void> {}

  async rollbackTransaction(): Promise<void> {}

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

class D1Connection implements DatabaseConnection {
  readonly #database: D1DatabaseBinding;

  constructor(database: D1DatabaseBinding) {
    this.#database = database;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { results, meta } = await this.#database
      .prepare(sql)
      .bind(...parameters)
      .all();
    const { changes } = meta;
    return {
      rows: results as R[],
      ...(changes !== undefined && { numAffectedRows: BigInt(changes) }),
    };
  }

  streamQuery(): never {
    throw new Error('D1 cannot stream a query');
  }
}

/** Finds tables only by their names: D1 refuses to describe its own. */
class D1Introspector implements DatabaseIntrospector {
  readonly #db: Kysely<unknown>;

  constructor(db: Kysely<unknown>) {
    this.#db = db;
  }

  async getSchemas(): Promise<SchemaMetadata[]> {
    return [];
  }

  async getTables(): Promise<TableMetadata[]> {
    const text = "select name from sqlite_master where type = 'table' order by name";
    const { rows } = await this.#db.executeQuery<{ name: string }>(CompiledQuery.raw(text));
    return rows.map(({ name }) => ({ name, isView: false, isForeign: false, columns: [] }));
  }
}
