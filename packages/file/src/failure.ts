import { isPawlError } from '@pawl/core';
import { isError } from '@pawl/core/internal';
import { FileError, type FileProblem } from './file-error.ts';

/** Returns the code of a failed system call, such as `ENOENT`. */
export const codeOf = (error: unknown): unknown =>
  isError(error) && 'code' in error ? error.code : undefined;

/** Returns the problem of a FileError, or of one that was wrapped. */
export const problemOf = (error: unknown): FileProblem | undefined => {
  const cause = isPawlError(error) ? error.cause : error;
  return cause instanceof FileError ? cause.problem : undefined;
};

/** Resolves to undefined if the file does not exist. */
export const ifExists = async <T>(call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};
