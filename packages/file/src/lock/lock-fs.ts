import { mkdir, rmdir, rmdirSync, type Stats, stat, statSync, utimes } from 'node:fs';
import { callbackify, promisify } from 'node:util';
import { codeOf, ifExists } from '../failure.ts';

type Done<T = void> = (error: NodeJS.ErrnoException | null, result?: T) => void;

/** The part of `node:fs` that `proper-lockfile` uses. */
interface LockFs {
  readonly mkdir: (path: string, done: Done) => void;
  readonly stat: (path: string, done: Done<Stats>) => void;
  readonly utimes: (path: string, accessed: Date, modified: Date, done: Done) => void;
  readonly rmdir: (path: string, done: Done) => void;
  readonly rmdirSync: (path: string) => void;
}

const makeDirectory = promisify(mkdir);
const readStats = promisify(stat);
const remove = promisify(rmdir);

/** Whether it is the same lock, and was not renewed since. */
const isSame = (a: Stats, b: Stats | undefined): boolean =>
  a.ino === b?.ino && a.mtimeMs === b.mtimeMs;

const lockedError = (): NodeJS.ErrnoException =>
  Object.assign(new Error('the lock is held'), { code: 'ELOCKED' });

/** In ms: the marker of a takeover is stale after this time. A takeover takes microseconds. */
const maxTakeoverTime = 2_000;

/**
 * Creates a file system for one acquisition of one lock. It removes a lock only if it is the one
 * that was inspected before. With plain `node:fs`, if two processes find a stale lock, the slower
 * one would remove the new lock of the faster one; and a holder that was suspended for long would
 * remove the lock of the next holder. Then two processes would hold it.
 */
export const createLockFs = (): LockFs => {
  let inspected: Stats | undefined;
  let updating: Promise<void> | undefined;
  let isOurs = false;

  const removeInspected = async (path: string): Promise<void> => {
    if (!isSame(await readStats(path), inspected)) throw lockedError();
    await remove(path);
  };

  /** Runs in one process at a time, so that no other one removes the lock between check and removal. */
  const takeOver = async (path: string): Promise<void> => {
    const marker = `${path}.takeover`;
    try {
      await makeDirectory(marker);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const stats = await ifExists(readStats(marker));
      if (stats && stats.mtimeMs < Date.now() - maxTakeoverTime) await ifExists(remove(marker));
      throw lockedError();
    }
    try {
      await removeInspected(path);
    } finally {
      await ifExists(remove(marker));
    }
  };

  return {
    mkdir: (path, done) => {
      mkdir(path, (error) => {
        isOurs = !error;
        done(error);
      });
    },
    stat: (path, done) => {
      stat(path, (error, stats) => {
        inspected = stats;
        done(error, stats);
      });
    },
    utimes: (path, accessed, modified, done) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      updating = promise;
      utimes(path, accessed, modified, (failure) => {
        stat(path, (error, stats) => {
          inspected = stats;
          resolve();
          done(failure ?? error);
        });
      });
    },
    rmdir: callbackify(async (path: string) => {
      if (!isOurs) return takeOver(path);
      await updating;
      return removeInspected(path);
    }),
    rmdirSync: (path) => {
      if (isSame(statSync(path), inspected)) rmdirSync(path);
    },
  };
};

/** Whether an error says that another process holds the lock. */
export const isLockedError = (error: unknown): boolean => codeOf(error) === 'ELOCKED';
