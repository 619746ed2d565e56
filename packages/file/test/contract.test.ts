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
    secondNode: () => createRecordFolder({ folder: records.folder, clock: clock.now }),
    close: records.remove,
  };
});
