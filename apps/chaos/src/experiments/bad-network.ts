/** E11: a network that is slow, resets connections, and stops delivering on open ones. */

import { pause } from '@pawl/core/internal';
import type { Experiment, Result, Scale } from '../experiment.ts';
import type { Operation } from '../history/operation.ts';
import { Proxy } from '../network/proxy.ts';
import { portOf, startStore, withPort } from '../stores/start.ts';
import { count, disturb } from './load.ts';

/** The timeout of the drivers, in ms. */
const timeout = 1_000;
/** A call waits for a connection, then for up to three statements. */
const longest = 4 * timeout + 500;

const networkFaults = { cutReplies: 0.01, stallReplies: 0.002, resetConnections: 0.1, latency: 40 };

const runStore = async (store: 'postgres' | 'redis', scale: Scale): Promise<Result> => {
  const started = await startStore(store);
  const { address } = started;
  const proxy = await Proxy.start(portOf(address), scale.seed);
  try {
    const node = { address: withPort(address, proxy.port), connections: 8, timeout };
    const { history, violations } = await disturb({
      scale,
      nodes: [node, node],
      auditor: { address },
      disturb: async () => {
        proxy.faults = networkFaults;
        await pause(scale.full ? 60_000 : 8_000);
      },
      expectations: () => ({ unavailable: true }),
    });
    const slowest = Math.max(...history.map(durationOf));
    const hung = history.filter((operation) => durationOf(operation) > longest);
    return {
      store,
      operations: history.length,
      faults: `${proxy.resets} resets, ${proxy.cuts} cuts, ${proxy.stalls} stalls, 0 to ${networkFaults.latency} ms latency`,
      violations: [
        ...violations,
        ...hung.map((operation) => ({
          rule: 'no hang',
          problem: `${operation.kind} took ${durationOf(operation)} ms`,
          sessionId: operation.sessionId,
          trace: [operation],
        })),
      ],
      found: `${count(history, 'rotated')} rotated, ${count(history, 'ERR_STORE_UNAVAILABLE')} calls failed, longest call ${slowest} ms`,
    };
  } finally {
    await proxy.stop();
    await started.stop();
  }
};

const durationOf = ({ invoked, answered }: Operation): number =>
  Math.round((answered - invoked) / 1_000);

export const badNetwork: Experiment = {
  name: 'E11',
  title: 'latency, resets and stalled connections',
  passes: `no call exceeds the driver's timeouts (${timeout} ms for each statement and for connecting), and the conditions of E6 hold`,
  note: 'MariaDB is not included, because a pool of mysql2 has no timeout for a query.',
  run: async (scale, report) => {
    for (const store of ['postgres', 'redis'] as const) report(await runStore(store, scale));
  },
};
