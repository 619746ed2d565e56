import { createTestClock, testSingleUseStore } from '@pawl/testkit';
import { describe, expect, it } from 'vitest';
import { createRecordFolder } from '../src/record-folder.ts';
import { createTemporaryRecordFolder } from '../src/testing.ts';

/**
 * Of the parts of a `Store`, the one that a program on one machine needs. Sessions, API keys, the
 * blocklist, leases and rate limits are a server's: on one machine they belong in SQLite, through
 * `@pawl/kysely`.
 */
testSingleUseStore({ describe, it, expect }, async () => {
  const clock = createTestClock();
  const store = await createTemporaryRecordFolder({ clock: clock.now });
  return {
    store,
    clock,
    secondNode: () => createRecordFolder({ folder: store.folder, clock: clock.now }),
    close: store.remove,
  };
});
