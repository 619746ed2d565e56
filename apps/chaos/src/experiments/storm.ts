/** E1, E2: many clients present one token in parallel, on one node or on several. */
import type { Experiment, Result, Scale } from '../experiment.ts';
import { Fleet } from '../fleet/fleet.ts';
import { checkHistory, type Violation } from '../history/check.ts';
import type { Expectations } from '../history/expectations.ts';
import { startStore } from '../stores/start.ts';

type StormStore = Parameters<typeof startStore>[0];

interface Storm {
  readonly store: StormStore;
  readonly processes: number;
  readonly connections: number;
  /** The number of tokens per round trip to the processes, which reduces the waiting time. */
  readonly batch: number;
}

const presentations = 64;
const fullRounds = 10_000;
/** The duration per store without `--full`, in ms. */
const shortDuration = 10_000;

const expectations: Expectations = { gracePeriod: 10_000, unavailable: false, losses: [] };

const runStorm = async (storm: Storm, scale: Scale): Promise<Result> => {
  const { store, processes, connections, batch } = storm;
  const started = await startStore(store);
  const fleet = await Fleet.start({}, scale.seed);
  try {
    const workers = Array.from({ length: processes }, () =>
      fleet.add({ address: started.address, connections, timeout: 30_000 }),
    );
    const [first] = workers;
    if (!first) throw new Error('a storm needs at least one process');
    const violations: Violation[] = [];
    let [rounds, operations, busy, retries] = [0, 0, 0, 0];
    const began = performance.now();
    while (rounds < fullRounds && (scale.full || performance.now() - began < shortDuration)) {
      const users = Array.from({ length: batch }, (_, i) => `user ${rounds + i}`);
      const tokens = await first.login(users);
      const start = performance.now();
      const successors = await Promise.all(
        workers.map((worker) => worker.storm(tokens, presentations / processes)),
      );
      busy += performance.now() - start;
      rounds += batch;
      await first.audit(tokens.map((token, i) => successorOf(successors, i) ?? token));
      const history = fleet.takeHistory();
      operations += history.length;
      retries += history.filter(({ outcome }) => outcome === 'ERR_REFRESH_RETRY').length;
      violations.push(...checkHistory(history, expectations));
    }
    const rate = Math.round(rounds / (busy / 1_000));
    const share = Math.round((100 * retries) / (rounds * presentations));
    return {
      store,
      operations,
      faults: `${rounds.toLocaleString('en')} rounds`,
      violations,
      found: `${rate} rounds/s; ${share} % told to retry`,
    };
  } finally {
    await fleet.stop();
    await started.stop();
  }
};

const successorOf = (
  successors: readonly (readonly (string | null)[])[],
  index: number,
): string | null => successors.map((each) => each[index]).find((token) => token) ?? null;

const stormOn = (name: string, title: string, storms: readonly Storm[]): Experiment => ({
  name,
  title,
  passes: 'exactly one successor per token, no revocation, no error',
  note:
    `\`--full\` runs ${fullRounds.toLocaleString('en')} rounds; otherwise a store runs as many as fit into ` +
    `${shortDuration / 1_000} s. By the default policy, 21 of the ${presentations} requests return the successor, and ` +
    'the others are told to retry, which writes nothing.',
  run: async (scale, report) => {
    for (const storm of storms) report(await runStorm(storm, scale));
  },
});

export const parallelRefresh: Experiment = stormOn('E1', '64 parallel refreshes of one token', [
  { store: 'memory', processes: 1, connections: 1, batch: 8 },
  { store: 'redis', processes: 1, connections: 1, batch: 8 },
  { store: 'redis cluster', processes: 1, connections: 1, batch: 8 },
  { store: 'postgres', processes: 1, connections: 10, batch: 8 },
  { store: 'mariadb', processes: 1, connections: 10, batch: 8 },
  { store: 'sqlite', processes: 1, connections: 1, batch: 8 },
]);

export const parallelProcesses: Experiment = stormOn('E2', 'the same from 8 processes', [
  { store: 'redis', processes: 8, connections: 1, batch: 16 },
  { store: 'postgres', processes: 8, connections: 8, batch: 16 },
  { store: 'mariadb', processes: 8, connections: 8, batch: 16 },
]);
