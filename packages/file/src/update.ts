import { StoreUnavailableError } from '@pawl/core/store';
import { type FoundRecord, foundOf } from './find.ts';
import type { RecordFiles } from './record-files.ts';

/** What becomes of a record. `expiresAt` in ms since the epoch; default: never. */
export type RecordChange<T> =
  | 'keep'
  | 'delete'
  | { readonly value: T; readonly expiresAt?: number | null };

const maxAttempts = 5;

/**
 * Reads, lets `change` decide and writes, under the lock of the id. A holder that was suspended
 * for so long that its lock was taken over notices it by what it reads before it writes.
 */
export const updateRecord = <T>(
  folder: RecordFiles,
  id: string,
  change: (found: FoundRecord<T> | undefined) => Promise<RecordChange<T>>,
  lockTimeout?: number,
): Promise<void> =>
  folder.exclusive(
    id,
    async () => {
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        const { text, content } = await folder.read(id);
        const changed = await change(foundOf<T>(folder, content));
        if (changed === 'keep') return;
        if ((await folder.read(id)).text !== text) continue;
        if (changed === 'delete') await folder.remove(id);
        else await folder.write({ id, expiresAt: null, ...changed });
        return;
      }
      throw new StoreUnavailableError({ cause: folder.busy(id) });
    },
    lockTimeout,
  );
