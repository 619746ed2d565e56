import type { Clock } from '@pawl/core';
import { isBytes } from '@pawl/core/internal';
import type { CompiledQuery, Kysely } from 'kysely';
import type { Row } from './answer.ts';
import { discardAfter, discardReadOnly, withConnection } from './connections.ts';
import type { DialectName } from './dialect.ts';
import { isWrongServer, withRetries } from './failure.ts';
import { Result } from './result.ts';
import { nowParameter, type Statement, type Values } from './statement.ts';

/** Runs statements, either one by one or within a transaction. */
export class Database {
  readonly dialect: DialectName;
  /** Whether all statements run in one transaction. */
  readonly inTransaction: boolean;
  readonly #db: Kysely<unknown>;
  readonly #clock: Clock | undefined;

  constructor(
    db: Kysely<unknown>,
    dialect: DialectName,
    clock: Clock | undefined,
    inTransaction: boolean = db.isTransaction,
  ) {
    this.#db = db;
    this.dialect = dialect;
    this.#clock = clock;
    this.inTransaction = inTransaction;
  }

  /** Runs one statement. @throws StoreUnavailableError */
  run(statement: Statement): Promise<Result>;
  run<N extends string>(
    statement: Statement<N>,
    values: { readonly [K in N]: Values[string] },
  ): Promise<Result>;
  run<N extends string>(statement: Statement<N>, values: Values = {}): Promise<Result> {
    // A failed statement ends the application's transaction; only the application can repeat that.
    return withRetries(!this.inTransaction, () =>
      this.#execute(statement.fill(this.#db, (name) => this.#valueOf(values, name))),
    );
  }

  /**
   * Runs statements in a transaction, and repeats all of them after a deadlock. The first statement
   * must write, because SQLite cannot wait for a lock later. Within a transaction of the
   * application it runs the statements in that one, without retries.
   */
  transaction<T>(body: (inner: Database) => Promise<T>): Promise<T> {
    if (this.inTransaction) return body(this);
    const begin = this.#db.transaction();
    const builder = this.dialect === 'postgres' ? begin.setIsolationLevel('read committed') : begin;
    return withRetries(true, async () => {
      let failure: unknown;
      try {
        return await builder.execute(async (trx) => {
          try {
            return await body(this.within(trx));
          } catch (error) {
            failure = error;
            if (isWrongServer(error)) await discardAfter(trx);
            throw error;
          }
        });
      } catch (error) {
        // Not the error of the rollback.
        throw failure ?? error;
      }
    });
  }

  /** Returns a database whose statements run in this transaction. */
  within(trx: Kysely<unknown>): Database {
    return new Database(trx, this.dialect, this.#clock, true);
  }

  async #execute(query: CompiledQuery): Promise<Result> {
    try {
      const result = await withConnection(this.#db, this.dialect, (connection) =>
        connection.executeQuery<Row>(query),
      );
      return new Result(result, query.sql, this.dialect);
    } catch (error) {
      const isPostgres = this.dialect === 'postgres';
      if (isPostgres && !this.inTransaction && isWrongServer(error))
        await discardReadOnly(this.#db);
      throw error;
    }
  }

  #valueOf(values: Values, name: string): unknown {
    if (name === nowParameter && this.#clock) return this.#clock();
    const value = values[name];
    // mysql2 inserts values into the SQL text, and among byte arrays it supports only Buffer.
    if (this.dialect === 'mysql' && isBytes(value)) {
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    return value;
  }
}
