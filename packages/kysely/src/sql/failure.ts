import { isPawlError, StoreUnavailableError } from '@pawl/core';
import { pause } from '@pawl/core/internal';

/** The properties by which drivers identify an error. */
interface DriverError {
  /** `pg`: the SQLSTATE; better-sqlite3: the name of the result code. */
  readonly code?: unknown;
  /** mysql2: the number of the server's error. */
  readonly errno?: unknown;
  /** `node:sqlite`: the extended result code. */
  readonly errcode?: unknown;
}

/** SQLSTATE: serialization_failure, deadlock_detected. */
const transientStates: ReadonlySet<unknown> = new Set(['40001', '40P01']);
/** MySQL and MariaDB: deadlock; a record changed since the snapshot. */
const transientNumbers: ReadonlySet<unknown> = new Set([1213, 1020]);
/** SQLite: another connection holds the lock. */
const busy = 5;

/**
 * A server that refuses writes, because it is no longer the primary: SQLSTATE read_only_sql_transaction;
 * MySQL and MariaDB: read-only by an option, in a transaction, by its mode or by InnoDB's; a member
 * that left its group, a node of Galera without a quorum.
 */
const wrongServerStates: ReadonlySet<unknown> = new Set(['25006']);
const wrongServerNumbers: ReadonlySet<unknown> = new Set([
  1290, 1792, 1836, 1874, 3098, 3100, 1047,
]);

const maxAttempts = 30;
/** In ms. */
const longestPause = 200;

/**
 * Runs a call to the database. If it fails because of a deadlock, a serialization failure or a
 * busy SQLite, it is retried, up to 30 times within about 3 s. Any other error is wrapped once.
 *
 * @param retries whether to retry at all
 * @throws StoreUnavailableError, or the PawlError that `call` threw
 */
export const withRetries = async <T>(retries: boolean, call: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!retries || attempt === maxAttempts || !isTransient(error)) throw asPawlError(error);
      await pause(Math.random() * Math.min(2 ** attempt, longestPause));
    }
  }
};

const asPawlError = (error: unknown): Error => {
  if (isPawlError(error)) return error;
  // Drivers put the values of the statement there; a single-use key, say, must not reach a log.
  if (typeof error === 'object' && error !== null) {
    for (const property of ['sql', 'detail']) Reflect.deleteProperty(error, property);
  }
  return new StoreUnavailableError({ cause: error });
};

/** In a transaction of this package, the inner statement has already wrapped the driver's error. */
export const driverErrorOf = (error: unknown): DriverError => {
  const origin = isPawlError(error) ? error.cause : error;
  return typeof origin === 'object' && origin !== null ? origin : {};
};

/** Whether the call can be repeated: it has had no effect. */
export const isTransient = (error: unknown): boolean => {
  const { code, errno, errcode } = driverErrorOf(error);
  return (
    transientStates.has(code) ||
    transientNumbers.has(errno) ||
    (typeof errcode === 'number' && (errcode & 0xff) === busy) ||
    (typeof code === 'string' && code.startsWith('SQLITE_BUSY'))
  );
};

/** Whether the connection works, but leads to a server that refuses writes: a new one may do better. */
export const isWrongServer = (error: unknown): boolean => {
  const { code, errno } = driverErrorOf(error);
  return wrongServerStates.has(code) || wrongServerNumbers.has(errno);
};

/** Whether MySQL or MariaDB refused a row because its key already exists. */
export const isDuplicate = (error: unknown): boolean => driverErrorOf(error).errno === 1062;
