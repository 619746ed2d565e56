/** E9: the master of a Sentinel set dies, or stands still and comes back. */
import { type RedisServer, type SentinelSet, startSentinel } from '@pawl/servers';
import type { Experiment, Result, Scale } from '../experiment.ts';
import type { Window } from '../history/expectations.ts';
import { monotonicNow } from '../history/operation.ts';
import { countLostRevocations } from '../history/revocation.ts';
import { pause } from '../pause.ts';
import { count, disturb } from './load.ts';

interface Failover {
  readonly fault: 'kill' | 'stop';
  readonly wait: boolean;
}

/** In µs: how far a replica may be behind its master. */
const lag = 1_000_000;

const failOver = async ({ fault, wait }: Failover, scale: Scale): Promise<Result> => {
  // Patient enough that a busy machine is not taken for a dead master.
  const set = await startSentinel({ downAfter: 2_000 });
  const ports = set.sentinels.map(({ port }) => port);
  const address = { store: 'redis sentinel', name: set.name, ports, wait } as const;
  const node = { address, timeout: 2_000 };
  const losses: Window[] = [];
  try {
    const { history, violations } = await disturb({
      scale,
      nodes: [node, node],
      load: { clients: 12, revoke: 0.02 },
      disturb: async () => {
        await pause(1_500);
        const began = monotonicNow();
        await (fault === 'kill' ? killMaster(set) : stopMaster(set));
        if (!wait) losses.push([began - lag, monotonicNow()]);
        await pause(2_000);
      },
      expectations: () => ({ unavailable: true, losses }),
    });
    const lost = countLostRevocations(history);
    const regressions = count(history, 'ERR_STORE_REGRESSION');
    const failed = count(history, 'ERR_STORE_UNAVAILABLE');
    return {
      store: `redis sentinel, ${wait ? 'wait for 1 replica' : 'no wait'}`,
      operations: history.length,
      faults: fault === 'kill' ? 'kill -9 of the master' : 'the master stops, and comes back',
      violations,
      found: `${count(history, 'rotated')} rotated, ${failed} calls failed; ${regressions} regressions, ${lost} revocations undone for a moment, 0 for good`,
    };
  } finally {
    await set.stop();
  }
};

const killMaster = async (set: SentinelSet): Promise<void> => {
  await set.killMaster();
  // As the replica of its successor, for which `wait` waits.
  await set.master.restart();
  // A sentinel would tell it so too, after it has watched it for a while.
  await set.master.command('REPLICAOF', set.replica.host, set.replica.port);
  await untilRole(set.master, 'slave');
};

const stopMaster = async (set: SentinelSet): Promise<void> => {
  set.master.pause();
  await untilRole(set.replica, 'master');
  await pause(1_000);
  // It takes itself for the master until a sentinel tells it otherwise.
  set.master.resume();
  await untilRole(set.master, 'slave');
};

const untilRole = async (server: RedisServer, role: string): Promise<void> => {
  for (const deadline = Date.now() + 40_000; Date.now() < deadline; await pause(50)) {
    const answer = await server.command('ROLE').catch(() => []);
    if ((answer as string[])[0] === role) return;
  }
  throw new Error(`the server on port ${server.port} has not become a ${role}`);
};

export const failover: Experiment = {
  name: 'E9',
  title: 'Sentinel fail-over under load',
  passes:
    'with `wait` nothing acknowledged is lost; without it each lost rotation is told as a ' +
    'regression (503), and no fork is accepted',
  note:
    'Without `wait` a fail-over may undo a revocation as well, until the node that did it does it ' +
    'again. With it and one replica, writes ' +
    'fail (503) from the fail-over until the old master is back as a replica.',
  run: async (scale, tell) => {
    for (const fault of ['kill', 'stop'] as const) {
      for (const wait of [false, true]) tell(await failOver({ fault, wait }, scale));
    }
  },
};
