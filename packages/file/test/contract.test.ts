import { createTestClock, testSingleUseStore } from '@pawl/testkit';
import { describe, expect, it } from 'vitest';
import { createFileStore } from '../src/file-store.ts';
import { createTemporaryStore } from '../src/testing.ts';

/**
 * Of the parts of a `Store`, the one that a program on one machine needs. Sessions, API keys, the
 * blocklist, leases and rate limits are a server's: on one machine they belong in SQLite, through
 * `@pawl/kysely`.
 */
testSingleUseStore({ describe, it, expect }, async () => {
  const clock = createTestClock();
  const store = await createTemporaryStore({ clock: clock.now });
  return {
    store,
    clock,
    secondNode: () => createFileStore({ folder: store.folder, clock: clock.now }),
    close: store.remove,
  };
});
