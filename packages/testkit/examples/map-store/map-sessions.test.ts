import { createTestClock, testSessionStore } from '@pawl/testkit';
import { describe, expect, it } from 'vitest';
import { sessionsOn } from './map-sessions.ts';

/** An adapter may have sessions only. */
testSessionStore({ describe, it, expect }, () => {
  const clock = createTestClock();
  return { store: { sessions: sessionsOn(clock.now) }, clock };
});
