import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRecordFolder,
  type RecordFolder,
  type RecordFolderOptions,
} from './record-folder.ts';

/** A record folder for one test. `await using` removes it at the end of the block. */
export interface TemporaryRecordFolder extends RecordFolder, AsyncDisposable {
  /** Removes the folder and all files in it. It may be called twice. */
  remove: () => Promise<void>;
}

/**
 * Creates a record folder in the machine's temporary folder, for a test.
 *
 * @example
 * ```ts
 * await using records = await createTemporaryRecordFolder();
 * const login = createSingleLogin({ folder: records.folder, refresh });
 * ```
 */
export const createTemporaryRecordFolder = async (
  options: Omit<RecordFolderOptions, 'app' | 'folder'> = {},
): Promise<TemporaryRecordFolder> => {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-file-'));
  const remove = (): Promise<void> =>
    rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  return { ...createRecordFolder({ ...options, folder }), remove, [Symbol.asyncDispose]: remove };
};
