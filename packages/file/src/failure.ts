import { isPawlError, StoreUnavailableError } from '@pawl/core/store';
import { FileError, type FileProblem } from './file-error.ts';

/** Runs what touches files: what fails there is wrapped, once. */
export const wrapFileErrors = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw isPawlError(error) ? error : new StoreUnavailableError({ cause: error });
  }
};

/** What a system call failed with, such as `ENOENT`. */
export const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** Which of our own problems an error tells of, if any. */
export const problemOf = (error: unknown): FileProblem | undefined => {
  const cause = error instanceof StoreUnavailableError ? error.cause : error;
  return cause instanceof FileError ? cause.problem : undefined;
};

/** Resolves to undefined where there is no such file. */
export const ifExists = async <T>(call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};
