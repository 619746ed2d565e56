import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idsOf, isRoot } from './account.ts';

/** An empty folder for the data of one server, owned by the account that it runs under. */
export const createTemporaryFolder = async (name: string, account?: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `pawl-${name}-`));
  if (account !== undefined && isRoot()) {
    const { uid, gid } = idsOf(account);
    await chown(folder, uid, gid);
  }
  return folder;
};

/** Removes it with all that is in it. A server that was killed may still be writing: so twice. */
export const removeTemporaryFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
