/** E9: the master of a Sentinel set dies, or is paused and resumed. */

import { pause } from '@pawl/core/internal';
import { type RedisServer, type SentinelSet, startSentinel } from '@pawl/servers';
import type { Experiment, Result, Scale } from '../experiment.ts';
import type { Window } from '../history/expectations.ts';
import { monotonicNow } from '../history/operation.ts';
import { countLostRevocations } from '../history/revocation.ts';
import { count, disturb } from './load.ts';

interface Failover {
  readonly fault: 'kill' | 'stop';
  readonly wait: boolean;
}

/** How far a replica may be behind its master, in µs. */
const lag = 1_000_000;

const failOver = async ({ fault, wait }: Failover, scale: Scale): Promise<Result> => {
  // Long enough that Sentinel does not take a busy machine for a dead master.
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
      faults: fault === 'kill' ? 'kill -9 of the master' : 'the master is paused and resumed',
      violations,
      found: `${count(history, 'rotated')} rotated, ${failed} calls failed; ${regressions} regressions, ${lost} revocations undone temporarily, 0 permanently`,
    };
  } finally {
    await set.stop();
  }
};

const killMaster = async (set: SentinelSet): Promise<void> => {
  await set.killMaster();
  // It returns as the replica of the new master, because `wait` needs a replica.
  await set.master.restart();
  // Sentinel would send the same command, but only later.
  await set.master.command('REPLICAOF', set.replica.host, set.replica.port);
  await untilRole(set.master, 'slave');
};

const stopMaster = async (set: SentinelSet): Promise<void> => {
  set.master.pause();
  await untilRole(set.replica, 'master');
  await pause(1_000);
  // It acts as a master until Sentinel demotes it.
  set.master.resume();
  await untilRole(set.master, 'slave');
};

const untilRole = async (server: RedisServer, role: string): Promise<void> => {
  for (const deadline = Date.now() + 40_000; Date.now() < deadline; await pause(50)) {
    const reply = await server.command('ROLE').catch(() => []);
    if ((reply as string[])[0] === role) return;
  }
  throw new Error(`the server on port ${server.port} did not become a ${role}`);
};

export const failover: Experiment = {
  name: 'E9',
  title: 'Sentinel failover under load',
  passes:
    'with `wait` no acknowledged write is lost; without it each lost rotation is reported as a ' +
    'regression (503), and no fork is accepted',
  note:
    'Without `wait` a failover may also undo a revocation, until the node that revoked repeats ' +
    'it. With `wait` and one replica, writes fail (503) from the failover until the old master ' +
    'returns as a replica.',
  run: async (scale, report) => {
    for (const fault of ['kill', 'stop'] as const) {
      for (const wait of [false, true]) report(await failOver({ fault, wait }, scale));
    }
  },
};
