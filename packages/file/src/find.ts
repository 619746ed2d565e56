import { isPawlError, StoreUnavailableError } from '@pawl/core';
import type { FileContent } from './record.ts';
import type { RecordFiles } from './record-files.ts';

/** A record as {@link RecordFolder.get} found it: live, or expired and just removed. */
export type FoundRecord<T> =
  | {
      readonly kind: 'live';
      readonly value: T;
      /** In ms since the epoch; null: it never expires. */
      readonly expiresAt: number | null;
    }
  | { readonly kind: 'expired' };

export const toFoundRecord = <T>(
  folder: RecordFiles,
  content: FileContent | null,
): FoundRecord<T> | undefined => {
  if (!content) return undefined;
  if (folder.isExpired(content)) return { kind: 'expired' };
  return { kind: 'live', value: content.value as T, expiresAt: content.expiresAt };
};

/** @throws StoreUnavailableError, also if the file is corrupt: that is not "not found" */
export const findRecord = async <T>(
  folder: RecordFiles,
  id: string,
): Promise<FoundRecord<T> | undefined> => {
  const { text, content } = await folder.read(id);
  if (text !== null && !content) throw new StoreUnavailableError({ cause: folder.corrupt(id) });
  const found = toFoundRecord<T>(folder, content);
  if (found?.kind === 'expired') await removeExpired(folder, id);
  return found;
};

/** If the file is locked or cannot be removed, a cleanup removes it later. */
const removeExpired = async (folder: RecordFiles, id: string): Promise<void> => {
  try {
    await folder.exclusive(
      id,
      async () => {
        const { content } = await folder.read(id);
        if (content && folder.isExpired(content)) await folder.remove(id);
      },
      0,
    );
  } catch (error) {
    if (!isPawlError(error) || error.code !== 'ERR_STORE_UNAVAILABLE') throw error;
  }
};
