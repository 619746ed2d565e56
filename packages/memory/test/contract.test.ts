import { createTestClock, testSessionStore } from '@pawl/testkit';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../src/store.ts';

testSessionStore({ describe, it, expect }, () => {
  const clock = createTestClock();
  return { store: createMemoryStore({ clock: clock.now }), clock };
});
