import { StoreUnavailableError } from '@pawl/core';
import { type FoundRecord, toFoundRecord } from './find.ts';
import type { RecordFiles } from './record-files.ts';

/** What {@link RecordFolder.update} does with a record: keep, delete or replace it. */
export type RecordChange<T> =
  | 'keep'
  | 'delete'
  | {
      readonly value: T;
      /** In ms since the epoch. Default null: never. */
      readonly expiresAt?: number | null | undefined;
    };

const maxAttempts = 5;

/**
 * Reads the record, calls `change` and writes the result, under the lock of the id. A holder whose
 * lock was taken over while it was suspended notices it by reading again before it writes.
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
        const changed = await change(toFoundRecord<T>(folder, content));
        if (changed === 'keep') return;
        if ((await folder.read(id)).text !== text) continue;
        if (changed === 'delete') await folder.remove(id);
        else await folder.write({ id, value: changed.value, expiresAt: changed.expiresAt ?? null });
        return;
      }
      throw new StoreUnavailableError({ cause: folder.busy(id) });
    },
    lockTimeout,
  );
