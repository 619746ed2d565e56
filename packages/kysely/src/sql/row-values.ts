import { StoreRecordError } from '@pawl/core';
import { isBytes } from '@pawl/core/internal';

/** A row as the driver returns it; `session/row.ts` for example turns it into a record. */
export type Row = Readonly<Record<string, unknown>>;

/*
 * Each function reads one value of a row. A value that is missing or has another type is a
 * StoreRecordError: a column that a plugin renamed, for example, must not look like an empty one.
 */

/** A whole number. Drivers return 8-byte integers as numbers, as strings or as bigints. */
export const numberIn = (row: Row, column: string): number => {
  const number = wholeNumber(row[column]);
  if (number === undefined) throw wrongValue(row, column, 'a whole number');
  return number;
};

export const textIn = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value !== 'string') throw wrongValue(row, column, 'a string');
  return value;
};

/** A copy of the bytes, because drivers return views of larger buffers. */
export const bytesIn = (row: Row, column: string): Uint8Array => {
  const value = row[column];
  if (isBytes(value) || isBuffer(value)) return new Uint8Array(value);
  // Cloudflare D1 returns an array of numbers.
  if (Array.isArray(value) && value.every(isByte)) return new Uint8Array(value);
  throw wrongValue(row, column, 'bytes');
};

/** A condition that SQL computed. */
export const flagIn = (row: Row, column: string): boolean => {
  const value = row[column];
  if (typeof value === 'boolean') return value;
  const number = wholeNumber(value);
  if (number !== 0 && number !== 1) throw wrongValue(row, column, '0 or 1');
  return number === 1;
};

/**
 * The row if its left join has found a record. A query for what may not exist always returns a row, so
 * that a lost one is noticed; its column `is_found` tells whether the record exists.
 */
export const foundIn = (row: Row): Row | undefined => (flagIn(row, 'is_found') ? row : undefined);

/** Applies another reader, except to null. */
export const orNull = <T>(
  read: (row: Row, column: string) => T,
  row: Row,
  column: string,
): T | null => (row[column] === null ? null : read(row, column));

const isBuffer = (value: unknown): value is ArrayBuffer =>
  Object.prototype.toString.call(value) === '[object ArrayBuffer]';

const isByte = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;

/** The number of a driver's value, or undefined if it is not a whole number that is exact. */
export const wholeNumber = (value: unknown): number | undefined => {
  const isDigits = typeof value === 'string' && /^-?\d{1,16}$/.test(value);
  if (typeof value !== 'number' && typeof value !== 'bigint' && !isDigits) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
};

// Without the value, which may be a secret.
const wrongValue = (row: Row, column: string, expected: string): StoreRecordError =>
  new StoreRecordError(
    row[column] === undefined
      ? `the column ${column} is missing; does the driver or a plugin rename columns?`
      : `the column ${column} should be ${expected}; does the driver convert values?`,
  );
