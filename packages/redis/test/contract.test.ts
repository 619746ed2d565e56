import { testStore } from '@pawl/testkit';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openNode, type Server } from './nodes.ts';

vi.setConfig({ maxConcurrency: 20 });

describe.each<Server>(['standalone', 'cluster', 'sentinel'])('%s', (server) => {
  const first = openNode(server);
  const second = openNode(server, { enableAutoPipelining: true });
  afterAll(() => [first, second].forEach((node) => node.close()));
  let count = 0;

  testStore(
    // At the same time, because most of it is spent waiting for lifetimes to end.
    { describe, it: it.concurrent, expect },
    () => {
      // Tests that run at the same time must not meet: several use the same odd user ids.
      const prefix = `contract${count++}:`;
      return { store: first.storeWith({ prefix }), secondNode: () => second.storeWith({ prefix }) };
    },
    { forgetsExpired: true, shortLifetime: 600, runs: server === 'sentinel' ? 20 : 100 },
  );
});
