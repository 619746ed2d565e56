import type { Stats } from 'node:fs';
import { FileError } from './file-error.ts';

/** Windows has neither owners nor modes here: there the user's profile keeps others out. */
const userId = process.getuid?.();

const modeOf = ({ mode }: Stats): string => (mode & 0o777).toString(8);

/** Root may use anybody's files, as it could anyway. */
const isForeign = ({ uid }: Stats): boolean =>
  userId !== undefined && userId !== 0 && uid !== userId;

/**
 * Whether the folder should be closed to others.
 * @throws FileError where others may have put files into it.
 */
export const checkFolder = (path: string, stats: Stats): boolean => {
  if (isForeign(stats)) throw new FileError('foreign', path, 'belongs to another user');
  if (userId === undefined) return false;
  if ((stats.mode & 0o022) !== 0) {
    const sentence = `can be written to by others (mode ${modeOf(stats)}): look at what is in it, then chmod 700`;
    throw new FileError('foreign', path, sentence);
  }
  return (stats.mode & 0o077) !== 0;
};

/** @throws FileError where somebody else may have read or written the file. */
export const checkFile = (path: string, stats: Stats): void => {
  if (!stats.isFile()) throw new FileError('corrupt', path, 'is not a file');
  if (isForeign(stats)) throw new FileError('foreign', path, 'belongs to another user');
  if (userId !== undefined && (stats.mode & 0o077) !== 0) {
    const sentence = `can be read by others (mode ${modeOf(stats)}): log in again, or chmod 600 if nobody has`;
    throw new FileError('exposed', path, sentence);
  }
};

/** Whom a new file has to belong to, if not to the user we run as: root works for a folder's owner. */
export const ownerFor = ({ uid, gid }: Stats): { uid: number; gid: number } | undefined =>
  userId === 0 && uid !== 0 ? { uid, gid } : undefined;
