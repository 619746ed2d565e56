import { expect, it } from 'vitest';
import { startStore } from '../stores/start.ts';
import { count, disturb, untilRotated } from './load.ts';

it('finds every outcome and no violation with two processes on one SQLite file', async () => {
  const { address, ...started } = await startStore('sqlite');
  try {
    const { history, violations } = await disturb({
      scale: { seed: 1, full: false },
      nodes: [{ address }, { address }],
      load: { clients: 4, loseReplies: 0.1, revoke: 0.05 },
      disturb: (workers) => untilRotated(workers, 120, 20_000),
      expectations: () => ({}),
    });
    expect(violations).toEqual([]);
    const outcomes = ['created', 'rotated', 'replayed', 'revoked', 'ERR_SESSION_REVOKED'];
    expect(outcomes.filter((outcome) => count(history, outcome) === 0)).toEqual([]);
  } finally {
    await started.stop();
  }
}, 30_000);
