import type { Clock } from '@pawl/core';
import type { CompiledQuery, Kysely } from 'kysely';
import type { DialectName } from './dialect.ts';
import { withRetries } from './failure.ts';
import { nowParameter, type Statement, type Values } from './statement.ts';

/** A row as the driver answers it: `session/row.ts` and its like turn it into a record. */
export type Row = Readonly<Record<string, unknown>>;

export interface Result {
  readonly rows: readonly Row[];
  /** How many rows a write changed. */
  readonly affected: number;
  /** What MySQL's `last_insert_id(…)` was given in the statement, else 0. */
  readonly insertId: number;
}

/** Runs statements: each by itself, or all within one transaction. */
export class Database {
  readonly dialect: DialectName;
  /** Whether all that runs here is part of one transaction. */
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
    // A statement that failed has ended the application's transaction, or is the application's to repeat.
    return withRetries(!this.inTransaction, () =>
      this.#execute(statement.fill(this.#db, (name) => this.#valueOf(values, name))),
    );
  }

  /**
   * Runs statements that belong together, from the start again if locks were
   * lost. The first one must write: SQLite cannot wait for a lock any later.
   */
  transaction<T>(body: (inner: Database) => Promise<T>): Promise<T> {
    if (this.inTransaction) return body(this);
    const begin = this.#db.transaction();
    const builder = this.dialect === 'postgres' ? begin.setIsolationLevel('read committed') : begin;
    return withRetries(true, () => builder.execute((trx) => body(this.within(trx))));
  }

  within(trx: Kysely<unknown>): Database {
    return new Database(trx, this.dialect, this.#clock, true);
  }

  async #execute(query: CompiledQuery): Promise<Result> {
    const { rows, numAffectedRows, insertId } = await this.#db.executeQuery<Row>(query);
    return { rows, affected: Number(numAffectedRows ?? 0), insertId: Number(insertId ?? 0) };
  }

  #valueOf(values: Values, name: string): unknown {
    if (name === nowParameter && this.#clock) return this.#clock();
    const value = values[name];
    // mysql2 writes values into the text, and knows how to write a Buffer only.
    if (this.dialect === 'mysql' && value instanceof Uint8Array) {
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    return value;
  }
}
