import { StoreRecordError } from '@pawl/core';
import { type DialectName, hasReturning } from './dialect.ts';
import type { Result } from './result.ts';
import { numberIn } from './row-values.ts';

/**
 * The time of creation that an `insert` returns, or null if it inserted nothing because the key exists.
 * MySQL returns it by `last_insert_id(…)`, and throws an error if the key exists.
 */
export const createdAtIn = (result: Result, dialect: DialectName): number | null => {
  if (hasReturning(dialect)) {
    const row = result.rowIfAny;
    return row ? numberIn(row, 'created_at') : null;
  }
  if (result.affected !== 1) throw new StoreRecordError('a row was inserted, and is not counted');
  return alwaysCalled(result.insertId);
};

/** The value of last_insert_id() in a statement that calls it for every row, found or inserted. */
export const alwaysCalled = (insertId: number): number => {
  if (insertId === 0) throw new StoreRecordError('the value of last_insert_id() is missing');
  return insertId;
};
