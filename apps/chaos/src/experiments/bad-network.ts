/** E11: a network that is slow, resets connections, and falls silent on open ones. */
import type { Experiment, Result, Scale } from '../experiment.ts';
import type { Operation } from '../history/operation.ts';
import { Proxy } from '../network/proxy.ts';
import { pause } from '../pause.ts';
import { portOf, startStore, through } from '../stores/start.ts';
import { count, disturb } from './load.ts';

/** In ms: what the drivers are told. */
const timeout = 1_000;
/** A call waits for a connection, then for up to three statements. */
const longest = 4 * timeout + 500;

const weather = { cutReplies: 0.01, stallReplies: 0.002, resetConnections: 0.1, latency: 40 };

const runStore = async (store: 'postgres' | 'redis', scale: Scale): Promise<Result> => {
  const started = await startStore(store);
  const { address } = started;
  const proxy = await Proxy.start(portOf(address), scale.seed);
  try {
    const node = { address: through(address, proxy.port), connections: 8, timeout };
    const { history, violations } = await disturb({
      scale,
      nodes: [node, node],
      auditor: { address },
      disturb: async () => {
        proxy.weather = weather;
        await pause(scale.full ? 60_000 : 8_000);
      },
      expectations: () => ({ unavailable: true }),
    });
    const slowest = Math.max(...history.map(durationOf));
    const hung = history.filter((operation) => durationOf(operation) > longest);
    return {
      store,
      operations: history.length,
      faults: `${proxy.resets} resets, ${proxy.cuts} cuts, ${proxy.stalls} stalls, 0 … ${weather.latency} ms`,
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
  title: 'latency, resets and silence',
  passes: `no call takes longer than the driver is given (${timeout} ms for each statement and for a connection), and as E6`,
  note: 'mysql2 has no time limit for a query of a pool, so MariaDB is left out.',
  run: async (scale, tell) => {
    for (const store of ['postgres', 'redis'] as const) tell(await runStore(store, scale));
  },
};
