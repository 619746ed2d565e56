import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRoot, readAccountIds } from './account.ts';

/** Creates an empty folder for the data of one server, owned by the account that it runs under. */
export const createTemporaryFolder = async (name: string, account?: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `pawl-${name}-`));
  if (account !== undefined && isRoot()) {
    const { uid, gid } = readAccountIds(account);
    await chown(folder, uid, gid);
  }
  return folder;
};

/** Removes a folder and its content. Retries, because a killed server may still be writing. */
export const removeTemporaryFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
