import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from './failure.ts';

const isWindows = process.platform === 'win32';

/** Returns the path of a temporary file. `cleanup` finds those that a crash left. */
export const temporaryPath = (base: string): string => `${base}.${randomUUID()}.tmp`;

/**
 * Writes a file atomically: a reader sees the old text or the new one, also after a crash or a
 * power failure.
 *
 * @param base the path without its ending
 */
export const writeFile = async (
  base: string,
  text: string,
  owner?: { readonly uid: number; readonly gid: number },
): Promise<void> => {
  const temporary = temporaryPath(base);
  try {
    // Exclusive, so that no link can redirect the secret to another place.
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      if (owner) await file.chown(owner.uid, owner.gid);
      await file.sync();
    } finally {
      await file.close();
    }
    await replace(temporary, `${base}.json`);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(base));
};

/** Makes a rename or removal durable: an old refresh token must not come back after a power failure. */
export const syncFolder = async (folder: string): Promise<void> => {
  if (isWindows) return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Windows refuses to replace a file that another process has open. */
const replace = async (from: string, to: string): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const isOpen = isWindows && ['EPERM', 'EACCES', 'EBUSY'].includes(String(codeOf(error)));
      if (!isOpen || attempt === 10) throw error;
      await pause(attempt * 5);
    }
  }
};
