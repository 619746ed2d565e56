import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifExists, problemOf, wrapFileErrors } from './failure.ts';
import type { RecordFiles } from './record-files.ts';

/** What a sweep found. */
export interface CleanupReport {
  /** Records whose time was over: removed. */
  readonly expired: number;
  /** Temporary files and locks of processes that died: removed. */
  readonly leftovers: number;
  /** Files that are no records, or not ours alone: left as they are. */
  readonly skipped: number;
}

const record = /^(.+)\.json$/;
const lock = /^(.+)\.lock$/;
type Outcome = keyof CleanupReport | undefined;

/** A temporary file, or the mark of a takeover. */
const leftover = /^(.+)\.(?:[0-9a-f-]{36}\.tmp|lock\.takeover)$/;

/**
 * Sweeps a folder. What somebody is at work on is left for the next time.
 * @throws StoreUnavailableError
 */
export const sweep = (folder: RecordFiles): Promise<CleanupReport> =>
  wrapFileErrors(async () => {
    const counts = { expired: 0, leftovers: 0, skipped: 0 };
    for (const name of (await ifExists(readdir(folder.path))) ?? []) {
      const outcome = await sweepOne(folder, name, join(folder.path, name));
      if (outcome) counts[outcome]++;
    }
    return counts;
  });

const sweepOne = async (folder: RecordFiles, name: string, path: string): Promise<Outcome> => {
  const expired = record.exec(name)?.[1];
  if (expired !== undefined) return sweepRecord(folder, expired);
  const locked = lock.exec(name)?.[1];
  if (locked !== undefined) return sweepLock(folder, locked, path);
  const left = leftover.exec(name)?.[1];
  if (left === undefined) return undefined;
  // Whoever has the lock may be writing it just now.
  return ifFree(folder, left, async () => {
    await rm(path, { recursive: true, force: true });
    return 'leftovers';
  });
};

const sweepRecord = async (folder: RecordFiles, id: string): Promise<Outcome> => {
  const look = async (): Promise<Outcome> => {
    const { text, content } = await folder.read(id);
    if (text === null) return undefined;
    if (!content) return 'skipped';
    const { expiresAt } = content;
    // At its very millisecond a record stays, though nobody gets it any more.
    return expiresAt !== null && expiresAt < folder.clock() ? 'expired' : undefined;
  };
  try {
    const first = await look();
    if (first !== 'expired') return first;
    return await ifFree(folder, id, async () => {
      const again = await look();
      if (again === 'expired') await folder.remove(id);
      return again;
    });
  } catch (error) {
    if (problemOf(error)) return 'skipped';
    throw error;
  }
};

/** Taking a lock that was left behind, and giving it back, removes it. */
const sweepLock = async (folder: RecordFiles, id: string, path: string): Promise<Outcome> => {
  if (!(await ifExists(stat(path)))) return undefined;
  return ifFree(folder, id, async () => 'leftovers');
};

const ifFree = async (
  folder: RecordFiles,
  id: string,
  work: () => Promise<Outcome>,
): Promise<Outcome> => {
  try {
    return await folder.exclusive(id, work, 0);
  } catch (error) {
    if (problemOf(error) === 'busy') return undefined;
    throw error;
  }
};
