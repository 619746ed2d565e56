import { mkdir, rmdir, rmdirSync, type Stats, stat, statSync, utimes } from 'node:fs';
import { callbackify, promisify } from 'node:util';
import { codeOf, ifExists } from '../failure.ts';

type Done<T = void> = (error: NodeJS.ErrnoException | null, result?: T) => void;

/** The part of `node:fs` that `proper-lockfile` works with. */
interface LockFs {
  readonly mkdir: (path: string, done: Done) => void;
  readonly stat: (path: string, done: Done<Stats>) => void;
  readonly utimes: (path: string, accessed: Date, modified: Date, done: Done) => void;
  readonly rmdir: (path: string, done: Done) => void;
  readonly rmdirSync: (path: string) => void;
}

const make = promisify(mkdir);
const look = promisify(stat);
const remove = promisify(rmdir);

/** The same folder, which nobody has renewed since. */
const isSame = (a: Stats, b: Stats | undefined): boolean =>
  a.ino === b?.ino && a.mtimeMs === b.mtimeMs;

const held = (): NodeJS.ErrnoException =>
  Object.assign(new Error('the lock is held'), { code: 'ELOCKED' });

/** In ms: to take a stale lock over takes microseconds. */
const longestTakeover = 2_000;

/**
 * A file system for one acquisition of one lock, that removes only the very
 * lock that was looked at. With the plain one, of two processes that find a
 * stale lock the slower removes the one that the faster has just made, and a
 * holder that was suspended for long removes its successor's: two would hold it.
 */
export const createLockFs = (): LockFs => {
  let seen: Stats | undefined;
  let updating: Promise<void> | undefined;
  let isOurs = false;

  const removeSeen = async (path: string): Promise<void> => {
    if (!isSame(await look(path), seen)) throw held();
    await remove(path);
  };

  /** One process at a time: so nobody else removes it between the look and the removal. */
  const takeOver = async (path: string): Promise<void> => {
    const guard = `${path}.takeover`;
    try {
      await make(guard);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const made = await ifExists(look(guard));
      if (made && made.mtimeMs < Date.now() - longestTakeover) await ifExists(remove(guard));
      throw held();
    }
    try {
      await removeSeen(path);
    } finally {
      await ifExists(remove(guard));
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
        seen = stats;
        done(error, stats);
      });
    },
    utimes: (path, accessed, modified, done) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      updating = promise;
      utimes(path, accessed, modified, (failure) => {
        stat(path, (error, stats) => {
          seen = stats;
          resolve();
          done(failure ?? error);
        });
      });
    },
    rmdir: callbackify(async (path: string) => {
      if (!isOurs) return takeOver(path);
      await updating;
      return removeSeen(path);
    }),
    rmdirSync: (path) => {
      if (isSame(statSync(path), seen)) rmdirSync(path);
    },
  };
};

/** Whether an error says that somebody else has the lock. */
export const isHeld = (error: unknown): boolean => codeOf(error) === 'ELOCKED';
