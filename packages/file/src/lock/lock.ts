import { setTimeout as pause } from 'node:timers/promises';
import { FileError } from '../file-error.ts';
import { createLockFs, isHeld } from './lock-fs.ts';

export interface LockTimes {
  /** In ms: a lock that its holder has not renewed for so long was left by a process that died. */
  readonly staleAfter: number;
  /** In ms: how long to wait for a holder that is alive. */
  readonly lockTimeout: number;
}

/** The last one in line for each lock, in this process. */
const lines = new Map<string, Promise<void>>();

/**
 * Runs `work` while no other process, and nothing else in this one, holds the lock.
 *
 * @param base the path without its ending
 * @throws FileError (`busy`)
 */
export const withLock = async <T>(
  base: string,
  times: LockTimes,
  work: () => Promise<T>,
): Promise<T> => {
  const deadline = Date.now() + times.lockTimeout;
  const before = lines.get(base);
  const { promise: done, resolve: leave } = Promise.withResolvers<void>();
  const line = before ? before.then(() => done) : done;
  lines.set(base, line);
  try {
    if (before) await waitFor(before, base, times.lockTimeout);
    const release = await acquire(base, times.staleAfter, deadline);
    try {
      return await work();
    } finally {
      // What cannot be released goes stale.
      await release().catch(() => {});
    }
  } finally {
    leave();
    if (lines.get(base) === line) lines.delete(base);
  }
};

const busy = (base: string): FileError =>
  new FileError('busy', `${base}.lock`, 'is held by another process that does not let go');

const waitFor = async (before: Promise<void>, base: string, lockTimeout: number): Promise<void> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(busy(base)), lockTimeout);
  try {
    await Promise.race([before, promise]);
  } finally {
    clearTimeout(timer);
  }
};

const acquire = async (
  base: string,
  staleAfter: number,
  deadline: number,
): Promise<() => Promise<void>> => {
  // Only now, for most calls of a program never need a lock.
  const { lock } = await import('proper-lockfile');
  for (let wait = 2; ; wait = Math.min(wait * 1.5, 25)) {
    try {
      return await lock(base, {
        lockfilePath: `${base}.lock`,
        realpath: false,
        stale: staleAfter,
        update: staleAfter / 4,
        fs: createLockFs(),
        // Nothing to do: who writes looks first whether another has written meanwhile.
        onCompromised: () => {},
      });
    } catch (error) {
      if (!isHeld(error)) throw error;
    }
    if (Date.now() >= deadline) throw busy(base);
    await pause(wait * (0.5 + Math.random()));
  }
};
