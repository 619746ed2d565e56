import { testStore } from '@pawl/testkit';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openNode, type Server } from './nodes.ts';
import { openOutage } from './outage.ts';

vi.setConfig({ maxConcurrency: 20 });

describe.each<Server>(['standalone', 'cluster', 'sentinel'])('%s', (server) => {
  const first = openNode(server);
  const second = openNode(server, { enableAutoPipelining: true });
  afterAll(() => [first, second].forEach((node) => node.close()));
  let count = 0;

  testStore(
    // Concurrently, because most of the time is spent waiting for expiry.
    { describe, it: it.concurrent, expect },
    () => {
      // Concurrent tests must not share keys: several use the same unusual user ids.
      const prefix = `contract${count++}:`;
      return {
        store: first.storeWith({ prefix }),
        secondNode: () => second.storeWith({ prefix }),
        outage: () => openOutage(server, prefix),
      };
    },
    { forgetsExpired: true, shortLifetime: 600, runs: server === 'sentinel' ? 20 : 100 },
  );
});
