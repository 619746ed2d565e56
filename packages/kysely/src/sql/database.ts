import { type Clock, ConfigurationError } from '@pawl/core';
import { isBytes } from '@pawl/core/internal';
import { type CompiledQuery, type Kysely, sql } from 'kysely';
import { discardAfter, discardReadOnly, withConnection } from './connections.ts';
import type { DialectName } from './dialect.ts';
import { isTransient, isWrongServer, withRetries } from './failure.ts';
import { Result } from './result.ts';
import type { Row } from './row-values.ts';
import { nowParameter, type Statement, type Values } from './statement.ts';
import { TransactionEnd } from './transaction-end.ts';

/** Runs statements, either one by one or within a transaction. */
export class Database {
  readonly dialect: DialectName;
  /** Whether all statements run in one transaction. */
  readonly inTransaction: boolean;
  readonly #db: Kysely<unknown>;
  readonly #clock: Clock | undefined;
  /** Work that no call waits for. */
  readonly #running: Set<Promise<unknown>>;

  constructor(
    db: Kysely<unknown>,
    dialect: DialectName,
    clock: Clock | undefined,
    running: Set<Promise<unknown>> = new Set(),
  ) {
    this.#db = db;
    this.dialect = dialect;
    this.#clock = clock;
    this.#running = running;
    this.inTransaction = db.isTransaction;
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
   *
   * @param without runs instead where the database has no transactions that stay open
   */
  transaction<T>(body: (inner: Database) => Promise<T>, without?: () => Promise<T>): Promise<T> {
    if (this.inTransaction) return body(this);
    const begin = this.#db.transaction();
    const builder = this.dialect === 'postgres' ? begin.setIsolationLevel('read committed') : begin;
    return withRetries(true, async () => {
      let failure: unknown;
      let hasBegun = false;
      try {
        return await builder.execute(async (trx) => {
          hasBegun = true;
          try {
            return await body(this.within(trx));
          } catch (error) {
            failure = error;
            if (isWrongServer(error)) await discardAfter(trx);
            throw error;
          }
        });
      } catch (error) {
        if (!hasBegun && without && !isTransient(error)) return without();
        // Not the error of the rollback.
        throw failure ?? error;
      }
    });
  }

  /** Returns a database whose statements run in this transaction. */
  within(trx: Kysely<unknown>): Database {
    return new Database(trx, this.dialect, this.#clock, this.#running);
  }

  /** The same in a transaction of the application, whose end is observed from the first statement on. */
  withinApplication(trx: Kysely<unknown>): ApplicationTransaction {
    return new ApplicationTransaction(trx, this.dialect, this.#clock, this.#running);
  }

  /** Lets a task continue that no call waits for. It must not fail. */
  runInBackground(task: Promise<unknown>): void {
    const run = task.finally(() => this.#running.delete(run)).catch(() => {});
    this.#running.add(run);
  }

  /** Resolves when no such task is running. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Prepares the first statement. */
  protected prepare(): Promise<void> | undefined {
    return undefined;
  }

  async #execute(query: CompiledQuery): Promise<Result> {
    try {
      await this.prepare();
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

/** Runs statements within a transaction of the application. */
export class ApplicationTransaction extends Database {
  readonly #trx: Kysely<unknown>;
  #prepared: Promise<void> | undefined;
  #end: TransactionEnd | undefined;
  /** Tasks from before the first statement, from which on the end is observed. */
  readonly #early: (() => void | Promise<void>)[] = [];

  constructor(...parameters: ConstructorParameters<typeof Database>) {
    super(...parameters);
    this.#trx = parameters[0];
  }

  /** Runs a task after the commit, and never if the transaction rolls back. */
  afterCommit(task: () => void | Promise<void>): void {
    if (this.#end) this.#end.afterCommit(task);
    else this.#early.push(task);
  }

  protected override prepare(): Promise<void> {
    this.#prepared ??= this.#observe();
    return this.#prepared;
  }

  async #observe(): Promise<void> {
    if (this.dialect === 'postgres') await this.#assertReadCommitted();
    const end = await TransactionEnd.of(this.#trx, (task) => this.runInBackground(task));
    for (const task of this.#early) end.afterCommit(task);
    this.#end = end;
  }

  /** With another level, a statement does not see what was committed since the transaction began. */
  async #assertReadCommitted(): Promise<void> {
    const query = sql<{ level: string }>`select current_setting('transaction_isolation') as level`;
    const { rows } = await query.execute(this.#trx);
    if (!/^read (un)?committed$/.test(`${rows[0]?.level}`)) {
      throw new ConfigurationError('isolationLevel', 'must be read committed within a transaction');
    }
  }
}
