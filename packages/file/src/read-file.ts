import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { assertPrivateFile } from './access.ts';
import { codeOf } from './failure.ts';
import { FileError } from './file-error.ts';

/** In bytes: no valid record is longer. */
const maxSize = 2 ** 20;

/**
 * Reads a file that only this user can have written. Returns null if it does not exist. The
 * checks use the open file, not its name.
 *
 * @throws FileError
 */
export const readFile = async (path: string): Promise<string | null> => {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    if (codeOf(error) === 'ELOOP') throw new FileError('foreign', path, 'is a symbolic link');
    throw error;
  }
  try {
    const stats = await file.stat();
    assertPrivateFile(path, stats);
    if (stats.size > maxSize) throw new FileError('corrupt', path, 'is too large for a record');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
};
