import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileStore, type FileStore, type FileStoreOptions } from './file-store.ts';

/** A store for one test. `await using` removes it at the end of the block. */
export interface TemporaryFileStore extends FileStore, AsyncDisposable {
  /** Removes the folder with all that is in it. Twice is fine. */
  remove: () => Promise<void>;
}

/** A store in a folder of its own among the machine's temporary ones. */
export const createTemporaryStore = async (
  options: Omit<FileStoreOptions, 'app' | 'folder'> = {},
): Promise<TemporaryFileStore> => {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-file-'));
  const remove = (): Promise<void> =>
    rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  return { ...createFileStore({ ...options, folder }), remove, [Symbol.asyncDispose]: remove };
};
