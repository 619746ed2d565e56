import { createTestClock, testStore } from '@pawl/testkit';
import { describe, expect, it } from 'vitest';
import { createMapStore } from './map-store.ts';

testStore({ describe, it, expect }, () => {
  const clock = createTestClock();
  return { store: createMapStore(clock.now), clock };
});
