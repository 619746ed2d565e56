import { setTimeout as pause } from 'node:timers/promises';
import { FileError } from '../file-error.ts';
import { createLockFs, isLockedError } from './lock-fs.ts';

export interface LockTimes {
  /** In ms: a lock that was not renewed for this long was left by a killed process. */
  readonly staleAfter: number;
  /** In ms: how long to wait for a lock that another process holds. */
  readonly lockTimeout: number;
}

/** Resolves when the last waiter of this process has finished with a lock, by lock. */
const tails = new Map<string, Promise<void>>();

/**
 * Runs `work` while nothing else in this or another process holds the lock.
 *
 * @param base the path without its extension
 * @throws FileError (`busy`)
 */
export const withLock = async <T>(
  base: string,
  times: LockTimes,
  work: () => Promise<T>,
): Promise<T> => {
  const deadline = Date.now() + times.lockTimeout;
  const previous = tails.get(base);
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const tail = previous ? previous.then(() => done) : done;
  tails.set(base, tail);
  try {
    if (previous) await waitFor(previous, base, times.lockTimeout);
    const release = await acquire(base, times.staleAfter, deadline);
    try {
      return await work();
    } finally {
      // A lock that cannot be released goes stale.
      await release().catch(() => {});
    }
  } finally {
    finish();
    if (tails.get(base) === tail) tails.delete(base);
  }
};

const busy = (base: string): FileError =>
  new FileError('busy', `${base}.lock`, 'is held by another process');

const waitFor = async (
  previous: Promise<void>,
  base: string,
  lockTimeout: number,
): Promise<void> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(busy(base)), lockTimeout);
  try {
    await Promise.race([previous, promise]);
  } finally {
    clearTimeout(timer);
  }
};

const acquire = async (
  base: string,
  staleAfter: number,
  deadline: number,
): Promise<() => Promise<void>> => {
  // Loaded on demand: most calls of a program need no lock.
  const { lock } = await import('proper-lockfile');
  for (let wait = 2; ; wait = Math.min(wait * 1.5, 25)) {
    try {
      return await lock(base, {
        lockfilePath: `${base}.lock`,
        realpath: false,
        stale: staleAfter,
        update: staleAfter / 4,
        fs: createLockFs(),
        // Nothing to do: a writer checks first whether another process has written meanwhile.
        onCompromised: () => {},
      });
    } catch (error) {
      if (!isLockedError(error)) throw error;
    }
    if (Date.now() >= deadline) throw busy(base);
    await pause(wait * (0.5 + Math.random()));
  }
};
