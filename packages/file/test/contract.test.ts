import { rename, rm, writeFile } from 'node:fs/promises';
import { createTestClock, testSingleUseStore } from '@pawl/testkit';
import { describe, expect, it } from 'vitest';
import { createRecordFolder } from '../src/record-folder.ts';
import { createTemporaryRecordFolder } from '../src/testing.ts';

/**
 * The one part of a `Store` that a command-line program needs. Sessions, API keys, the blocklist,
 * leases and rate limits are for servers: on one machine use SQLite, through `@pawl/kysely`.
 */
testSingleUseStore({ describe, it, expect }, async () => {
  const clock = createTestClock();
  const records = await createTemporaryRecordFolder({ clock: clock.now });
  return {
    store: records,
    clock,
    outage: () => ({
      store: records,
      // A file in the place of the folder.
      begin: async () => {
        await rename(records.folder, `${records.folder}-away`);
        await writeFile(records.folder, '');
      },
      end: async () => {
        await rm(records.folder);
        await rename(`${records.folder}-away`, records.folder);
      },
    }),
    secondNode: () => createRecordFolder({ folder: records.folder, clock: clock.now }),
    close: records.remove,
  };
});
