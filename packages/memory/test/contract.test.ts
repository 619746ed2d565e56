import { createTestClock, testStore } from '@pawl/testkit';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../src/store.ts';

testStore({ describe, it, expect }, () => {
  const clock = createTestClock();
  const store = createMemoryStore({ clock: clock.now });
  // Another node on the same memory is the same store.
  return { store, clock, secondNode: () => store };
});
