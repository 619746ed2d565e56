import { ConfigurationError } from '@pawl/core';
import { isTransient } from '../sql/failure.ts';

/** The properties by which drivers and Node identify an error. */
interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly message?: unknown;
}

/** What to do about an error: SQLSTATEs of PostgreSQL, numbers of MySQL, codes of Node. */
const reasons: readonly (readonly [codes: readonly unknown[], sentence: string])[] = [
  [['42501', 1142, 1044, 1227, 1370], 'its user may not create tables here: grant it the right'],
  [['28000', '28P01', 1045, 1698], 'the server refuses this user or its password'],
  [['3D000', 1049], 'the database does not exist: create it first'],
  [['3F000'], 'the schema does not exist, and cannot be created'],
  [['25006', 1290, 1836, 1792], 'the server refuses writes: it is read-only, or a replica'],
  [['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN'], 'the server cannot be reached'],
];

const sqliteReasons: readonly (readonly [text: RegExp, sentence: string])[] = [
  [/readonly database/, 'the file or its folder cannot be written'],
  [/unable to open/, 'the file cannot be opened'],
  [
    /corrupted migrations|missing/,
    'an earlier migration is missing: was the table of migrations changed?',
  ],
];

/** The error of {@link migrate}: a sentence that says why the database refused, and the cause. */
export const migrationFailure = (error: unknown, migration?: string): ConfigurationError => {
  const text = messageOf(error);
  const reason =
    reasons.find(([codes]) => codesOf(error).some((code) => codes.includes(code)))?.[1] ??
    sqliteReasons.find(([pattern]) => pattern.test(text))?.[1];
  const what =
    migration === undefined ? 'the migrations failed' : `the migration ${migration} failed`;
  const sentence = reason === undefined ? `${what}: ${text}` : `${what}: ${reason} (${text})`;
  const failure = new ConfigurationError('db', sentence);
  failure.cause = error;
  return failure;
};

/** Where a host has several addresses, Node's error holds one for each. */
const errorsOf = (error: unknown): readonly DriverError[] => {
  const { errors } = (error ?? {}) as { readonly errors?: unknown };
  return [(error ?? {}) as DriverError, ...(Array.isArray(errors) ? errors.flatMap(errorsOf) : [])];
};

const codesOf = (error: unknown): unknown[] =>
  errorsOf(error).flatMap(({ code, errno }) => [code, errno]);

const messageOf = (error: unknown): string =>
  errorsOf(error)
    .flatMap(({ message }) => (typeof message === 'string' && message !== '' ? message : []))
    .join('; ');

/** Whether another process was migrating at the same time: then it helps to look again. */
export const isConcurrent = (error: unknown): boolean =>
  isTransient(error) || /already exists|duplicate|UNIQUE constraint/i.test(messageOf(error));
