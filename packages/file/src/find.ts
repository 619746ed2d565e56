import { StoreUnavailableError } from '@pawl/core/store';
import type { FileContent } from './record.ts';
import type { RecordFiles } from './record-files.ts';

/** What is known under an id. */
export type FoundRecord<T> =
  | {
      readonly kind: 'live';
      readonly value: T;
      /** In ms since the epoch; null: never. */
      readonly expiresAt: number | null;
    }
  | { readonly kind: 'expired' };

export const foundOf = <T>(
  folder: RecordFiles,
  content: FileContent | null,
): FoundRecord<T> | undefined => {
  if (!content) return undefined;
  if (folder.isPast(content)) return { kind: 'expired' };
  return { kind: 'live', value: content.value as T, expiresAt: content.expiresAt };
};

/** @throws StoreUnavailableError, also for a file that is no record: that is not "not found". */
export const findRecord = async <T>(
  folder: RecordFiles,
  id: string,
): Promise<FoundRecord<T> | undefined> => {
  const { text, content } = await folder.read(id);
  if (text !== null && !content) throw new StoreUnavailableError({ cause: folder.corrupt(id) });
  const found = foundOf<T>(folder, content);
  if (found?.kind === 'expired') await removeExpired(folder, id);
  return found;
};

/** It is over anyway: whoever is at work on it, or cannot remove it, leaves it to a cleanup. */
const removeExpired = async (folder: RecordFiles, id: string): Promise<void> => {
  try {
    await folder.exclusive(
      id,
      async () => {
        const { content } = await folder.read(id);
        if (content && folder.isPast(content)) await folder.remove(id);
      },
      0,
    );
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
  }
};
