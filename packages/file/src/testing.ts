import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRecordFolder,
  type RecordFolder,
  type RecordFolderOptions,
} from './record-folder.ts';

/** A store for one test. `await using` removes it at the end of the block. */
export interface TemporaryRecordFolder extends RecordFolder, AsyncDisposable {
  /** Removes the folder with all that is in it. Twice is fine. */
  remove: () => Promise<void>;
}

/** A store in a folder of its own among the machine's temporary ones. */
export const createTemporaryRecordFolder = async (
  options: Omit<RecordFolderOptions, 'app' | 'folder'> = {},
): Promise<TemporaryRecordFolder> => {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-file-'));
  const remove = (): Promise<void> =>
    rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  return { ...createRecordFolder({ ...options, folder }), remove, [Symbol.asyncDispose]: remove };
};
