import type { Stats } from 'node:fs';
import { FileError } from './file-error.ts';

/** Undefined on Windows, which has no owners and modes: there the user's profile keeps others out. */
const userId = process.getuid?.();

const modeOf = ({ mode }: Stats): string => (mode & 0o777).toString(8);

/** Root may use the files of other users, as it could anyway. */
const isForeign = ({ uid }: Stats): boolean =>
  userId !== undefined && userId !== 0 && uid !== userId;

/** @throws FileError if other users may have put files into the folder */
export const assertOwnFolder = (path: string, stats: Stats): void => {
  if (isForeign(stats)) throw new FileError('foreign', path, 'belongs to another user');
  if (userId !== undefined && (stats.mode & 0o022) !== 0) {
    const sentence = `can be written by others (mode ${modeOf(stats)}): check what is in it, then run chmod 700`;
    throw new FileError('foreign', path, sentence);
  }
};

/** Whether other users can read the folder. */
export const isOpenToOthers = ({ mode }: Stats): boolean =>
  userId !== undefined && (mode & 0o077) !== 0;

/** @throws FileError if another user may have read or written the file */
export const assertPrivateFile = (path: string, stats: Stats): void => {
  if (!stats.isFile()) throw new FileError('corrupt', path, 'is not a file');
  if (isForeign(stats)) throw new FileError('foreign', path, 'belongs to another user');
  if (userId !== undefined && (stats.mode & 0o077) !== 0) {
    const sentence = `can be read by others (mode ${modeOf(stats)}): log in again, or run chmod 600 if nobody has read it`;
    throw new FileError('exposed', path, sentence);
  }
};

/** Returns who should own a new file, if not the current user: root works for the folder's owner. */
export const ownerFor = ({ uid, gid }: Stats): { uid: number; gid: number } | undefined =>
  userId === 0 && uid !== 0 ? { uid, gid } : undefined;
