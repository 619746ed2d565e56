import { pause } from '@pawl/core/internal';
import type { DatabaseConnection, Kysely, QueryResult } from 'kysely';
import { driverErrorOf } from './failure.ts';

/** Work that waits for the commit of the application's transaction. */
type Task = () => void | Promise<void>;

/** In ms: how long a commit waits for the tasks. They then continue, as a pool may be empty meanwhile. */
const maxWait = 1_000;

const open = new WeakMap<DatabaseConnection, TransactionEnd>();

/**
 * Observes the transaction that runs on a connection: Kysely's drivers end it by a statement. Runs tasks
 * after its commit, and drops them when it rolls back, to a savepoint before them too.
 */
export class TransactionEnd {
  readonly #background: (task: Promise<unknown>) => void;
  readonly #savepoints = new Map<string, number>();
  #tasks: Task[] = [];
  #isAborted = false;

  constructor(background: (task: Promise<unknown>) => void) {
    this.#background = background;
  }

  /** Returns the observer of a transaction; the same one for every store within it. */
  static of(
    trx: Kysely<unknown>,
    background: (task: Promise<unknown>) => void,
  ): Promise<TransactionEnd> {
    return trx.getExecutor().provideConnection(async (connection) => {
      const known = open.get(connection);
      if (known) return known;
      const end = new TransactionEnd(background);
      open.set(connection, end);
      end.#observe(connection);
      return end;
    });
  }

  afterCommit(task: Task): void {
    this.#tasks.push(task);
  }

  #observe(connection: DatabaseConnection): void {
    const execute = Reflect.get(connection, 'executeQuery') as DatabaseConnection['executeQuery'];
    const isOwn = Object.hasOwn(connection, 'executeQuery');
    const finish = (): void => {
      open.delete(connection);
      if (isOwn) connection.executeQuery = execute;
      else Reflect.deleteProperty(connection, 'executeQuery');
    };
    connection.executeQuery = async (query, options) => {
      const statement = query.sql.trim().toLowerCase();
      const isEnd = /^(commit|end|rollback(?! to)|abort|begin|start transaction)\b/.test(statement);
      if (isEnd) finish();
      const result = await execute.call(connection, query, options).catch((error: unknown) => {
        this.#fail(error);
        throw error;
      });
      if (/^(commit|end)\b/.test(statement)) await this.#commit(result);
      else this.#followSavepoint(statement);
      return result as never;
    };
  }

  async #commit({ rows }: QueryResult<unknown>): Promise<void> {
    // PostgreSQL rolls back where a statement has failed before.
    const [row] = rows as readonly { readonly command?: unknown }[];
    if (this.#isAborted || row?.command === 'ROLLBACK') return;
    const tasks = Promise.all(this.#tasks.map(async (task) => task()));
    this.#background(tasks);
    await Promise.race([tasks, pause(maxWait, { unref: true })]);
  }

  #fail(error: unknown): void {
    const { code, errno } = driverErrorOf(error);
    // SQLSTATEs: PostgreSQL then undoes everything up to a savepoint.
    this.#isAborted ||= typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
    // After a deadlock, MySQL has undone the transaction.
    if (errno === 1213) this.#tasks = [];
  }

  #followSavepoint(statement: string): void {
    const [, verb, name = ''] =
      /^(savepoint|rollback to)(?: savepoint)? (\S+)/.exec(statement) ?? [];
    if (verb === 'savepoint') this.#savepoints.set(name, this.#tasks.length);
    if (verb === 'rollback to') {
      this.#tasks.length = Math.min(this.#tasks.length, this.#savepoints.get(name) ?? 0);
      this.#isAborted = false;
    }
  }
}
