import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { callStore } from '@pawl/core/internal';
import { ifExists, problemOf } from './failure.ts';
import type { RecordFiles } from './record-files.ts';

/** The result of {@link RecordFolder.cleanup}: numbers of files. */
export interface CleanupReport {
  /** Expired records, which were removed. */
  readonly expired: number;
  /** Temporary files and locks of killed processes, which were removed. */
  readonly leftovers: number;
  /** Corrupt files, and files that others can access, which were left as they are. */
  readonly skipped: number;
}

const record = /^(.+)\.json$/;
const lock = /^(.+)\.lock$/;
type Outcome = keyof CleanupReport | undefined;

/** A temporary file, or the marker of a takeover. */
const leftover = /^(.+)\.(?:[0-9a-f-]{36}\.tmp|lock\.takeover)$/;

/**
 * Removes what has expired or was left behind. Files that are locked are left for the next time.
 * @throws StoreUnavailableError
 */
export const sweep = (folder: RecordFiles): Promise<CleanupReport> =>
  callStore(async () => {
    const counts = { expired: 0, leftovers: 0, skipped: 0 };
    for (const name of (await ifExists(readdir(folder.path))) ?? []) {
      const outcome = await sweepOne(folder, name, join(folder.path, name));
      if (outcome) counts[outcome]++;
    }
    return counts;
  });

const sweepOne = async (folder: RecordFiles, name: string, path: string): Promise<Outcome> => {
  const recordName = record.exec(name)?.[1];
  if (recordName !== undefined) return sweepRecord(folder, recordName);
  const lockName = lock.exec(name)?.[1];
  if (lockName !== undefined) return sweepLock(folder, lockName, path);
  const leftoverName = leftover.exec(name)?.[1];
  if (leftoverName === undefined) return undefined;
  // The holder of the lock may be writing it right now.
  return ifFree(folder, leftoverName, async () => {
    await rm(path, { recursive: true, force: true });
    return 'leftovers';
  });
};

const sweepRecord = async (folder: RecordFiles, name: string): Promise<Outcome> => {
  const check = async (): Promise<Outcome> => {
    const { text, content } = await folder.readAt(name);
    if (text === null) return undefined;
    if (!content) return 'skipped';
    const { expiresAt } = content;
    // In the very millisecond of its expiry a record stays, although it is no longer returned.
    return expiresAt !== null && expiresAt < folder.clock() ? 'expired' : undefined;
  };
  try {
    const first = await check();
    if (first !== 'expired') return first;
    return await ifFree(folder, name, async () => {
      const again = await check();
      if (again === 'expired') await folder.removeAt(name);
      return again;
    });
  } catch (error) {
    if (problemOf(error)) return 'skipped';
    throw error;
  }
};

/** Acquiring a stale lock and releasing it removes it. */
const sweepLock = async (folder: RecordFiles, name: string, path: string): Promise<Outcome> => {
  if (!(await ifExists(stat(path)))) return undefined;
  return ifFree(folder, name, async () => 'leftovers');
};

const ifFree = async (
  folder: RecordFiles,
  name: string,
  work: () => Promise<Outcome>,
): Promise<Outcome> => {
  try {
    return await folder.exclusiveAt(name, work, 0);
  } catch (error) {
    if (problemOf(error) === 'busy') return undefined;
    throw error;
  }
};
