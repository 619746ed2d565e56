import { StoreRecordError } from '@pawl/core';
import type { QueryResult } from 'kysely';
import type { DialectName } from './dialect.ts';
import { type Row, wholeNumber } from './row-values.ts';

/** The result of a statement. What is missing in it is a StoreRecordError, never a "no". */
export class Result {
  readonly rows: readonly Row[];
  readonly #result: QueryResult<Row>;
  /** SQLite's drivers return rows or their number, not both. */
  readonly #isCountedByRows: boolean;

  /** @throws StoreRecordError if the rows are not objects, or not as many as the driver says */
  constructor(result: QueryResult<Row>, text: string, dialect: DialectName) {
    const { rows } = result;
    if (!Array.isArray(rows) || !rows.every(isObject)) {
      throw new StoreRecordError('the rows are not objects; does the driver return arrays?');
    }
    this.rows = rows;
    this.#result = result;
    const isReturning = !isQuery(text) && /\sreturning\s/.test(text);
    this.#isCountedByRows = isReturning && dialect === 'sqlite';
    if (isReturning && this.affected !== rows.length) {
      throw new StoreRecordError(`${this.affected} rows changed, and ${rows.length} are returned`);
    }
    if (isQuery(text) && dialect === 'mysql' && result.numAffectedRows !== undefined) {
      throw new StoreRecordError('a query returned no rows, only a count');
    }
  }

  /** The only row of a statement that always returns one. */
  get row(): Row {
    const [row] = this.rows;
    if (!row || this.rows.length > 1) {
      throw new StoreRecordError(`${this.rows.length} rows are returned instead of one`);
    }
    return row;
  }

  /** The row of a statement that returns at most one. */
  get rowIfAny(): Row | undefined {
    return this.rows.length === 0 ? undefined : this.row;
  }

  /** How many rows a write changed. On SQLite the statement must return them: see `returningEach`. */
  get affected(): number {
    if (this.#isCountedByRows) return this.rows.length;
    const number = wholeNumber(this.#result.numAffectedRows);
    if (number === undefined || number < 0) {
      throw new StoreRecordError('the number of changed rows is missing');
    }
    return number;
  }

  /** The argument of MySQL's `last_insert_id(…)`, or 0 if there was no row to call it for. */
  get insertId(): number {
    const { insertId } = this.#result;
    const number = insertId === undefined ? 0 : wholeNumber(insertId);
    if (number === undefined || (number === 0 && this.affected > 0)) {
      throw new StoreRecordError('the value of last_insert_id() is missing');
    }
    return number;
  }
}

const isObject = (row: unknown): boolean =>
  typeof row === 'object' && row !== null && !Array.isArray(row);

const isQuery = (text: string): boolean => /^\s*(?:select|with)\b/.test(text);
