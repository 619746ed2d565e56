/** E6: the store commits, and its reply is lost. */

import { pause } from '@pawl/core/internal';
import type { Experiment, Result, Scale } from '../experiment.ts';
import { Proxy } from '../network/proxy.ts';
import { portOf, startStore, withPort } from '../stores/start.ts';
import { count, disturb } from './load.ts';

type Proxied = 'postgres' | 'mariadb' | 'redis';

const loseReplies = async (store: Proxied, { seed, full }: Scale): Promise<Result> => {
  const started = await startStore(store);
  const { address } = started;
  const proxy = await Proxy.start(portOf(address), seed);
  try {
    const node = { address: withPort(address, proxy.port), connections: 8 };
    const { history, violations } = await disturb({
      scale: { seed, full },
      nodes: [node, node],
      auditor: { address },
      load: { clients: 12, loseReplies: 0.05 },
      disturb: async () => {
        await pause(500);
        proxy.faults = { ...proxy.faults, cutReplies: 0.02 };
        await pause(full ? 60_000 : 8_000);
      },
      expectations: () => ({ unavailable: true }),
    });
    const replayed = count(history, 'replayed');
    return {
      store,
      operations: history.length,
      faults: `${proxy.cuts} replies cut off`,
      violations,
      found: `${count(history, 'rotated')} rotated, ${replayed} replayed`,
    };
  } finally {
    await proxy.stop();
    await started.stop();
  }
};

export const lostReplies: Experiment = {
  name: 'E6',
  title: 'replies lost after the commit',
  passes:
    'a retry returns the same successor, both immediately and after the grace period; no client ' +
    'is logged out',
  run: async (scale, report) => {
    for (const store of ['postgres', 'mariadb', 'redis'] as const) {
      report(await loseReplies(store, scale));
    }
  },
};
