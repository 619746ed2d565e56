import { createTestClock, testStore } from '@pawl/testkit';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../src/store.ts';

testStore(
  { describe, it, expect },
  () => {
    const clock = createTestClock();
    const store = createMemoryStore({ clock: clock.now });
    // Another node on the same memory is the same store.
    return { store, clock, secondNode: () => store };
  },
  {
    skips: [
      {
        reason: 'the data is in this process: nothing can be unreachable',
        tests: [
          'session outage',
          'session feed outage',
          'blocklist outage',
          'single use outage',
          'api key outage',
          'lease outage',
          'rate limit outage',
        ],
      },
    ],
  },
);
