import { createMemoryStore } from '@pawl/memory';
import { createRedisStore } from '@pawl/redis';
import { createTestClock } from '@pawl/testkit';
import { testBinding } from '@pawl/testkit/binding';
import { Redis } from 'ioredis';
import { describe, expect, inject, it } from 'vitest';
import { mount } from './mount.ts';

describe('memory', () => {
  testBinding({ describe, it, expect }, mount, {
    store: () => {
      const clock = createTestClock();
      return { store: createMemoryStore({ clock: clock.now }), clock };
    },
  });
});

describe('redis', () => {
  let count = 0;
  testBinding({ describe, it, expect }, mount, {
    skips: [
      { tests: ['session cookie rotation'], reason: 'the clock of Redis cannot be injected' },
    ],
    store: () => {
      const client = new Redis(inject('redisPort'));
      const store = createRedisStore(client, { prefix: `suite${count++}:` });
      return { store, close: () => client.disconnect() };
    },
  });
});
