/** E1, E2: many present one token at once, on one node or on several. */
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
  /** Tokens that are stormed side by side, so that waiting for the processes costs less. */
  readonly abreast: number;
}

const presentations = 64;
const fullRounds = 10_000;
/** In ms, per store. */
const shortTime = 10_000;

const expectations: Expectations = { gracePeriod: 10_000, unavailable: false, losses: [] };

const runStorm = async (storm: Storm, scale: Scale): Promise<Result> => {
  const { store, processes, connections, abreast } = storm;
  const started = await startStore(store);
  const fleet = await Fleet.start({}, scale.seed);
  try {
    const workers = Array.from({ length: processes }, () =>
      fleet.add({ address: started.address, connections, timeout: 30_000 }),
    );
    const [first] = workers;
    if (!first) throw new Error('a storm needs a process');
    const violations: Violation[] = [];
    let [rounds, operations, busy, retries] = [0, 0, 0, 0];
    const began = performance.now();
    while (rounds < fullRounds && (scale.full || performance.now() - began < shortTime)) {
      const users = Array.from({ length: abreast }, (_, i) => `user ${rounds + i}`);
      const tokens = await first.login(users);
      const start = performance.now();
      const answers = await Promise.all(
        workers.map((worker) => worker.storm(tokens, presentations / processes)),
      );
      busy += performance.now() - start;
      rounds += abreast;
      await first.audit(tokens.map((token, i) => newestOf(answers, i) ?? token));
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

const newestOf = (answers: readonly (readonly (string | null)[])[], index: number): string | null =>
  answers.map((each) => each[index]).find((token) => token) ?? null;

const stormOn = (name: string, title: string, storms: readonly Storm[]): Experiment => ({
  name,
  title,
  passes: 'exactly one successor per token, no revocation, no error',
  note:
    `Asked for are ${fullRounds.toLocaleString('en')} rounds; without \`--full\` a store gets as many as it does in ` +
    `${shortTime / 1_000} s. By the default policy 21 of the ${presentations} are answered with the successor, and ` +
    'the others are told to retry, which mints and costs nothing.',
  run: async (scale, tell) => {
    for (const storm of storms) tell(await runStorm(storm, scale));
  },
});

export const parallelRefresh: Experiment = stormOn('E1', '64-way refresh of one token', [
  { store: 'memory', processes: 1, connections: 1, abreast: 8 },
  { store: 'redis', processes: 1, connections: 1, abreast: 8 },
  { store: 'redis cluster', processes: 1, connections: 1, abreast: 8 },
  { store: 'postgres', processes: 1, connections: 10, abreast: 8 },
  { store: 'mariadb', processes: 1, connections: 10, abreast: 8 },
  { store: 'sqlite', processes: 1, connections: 1, abreast: 8 },
]);

export const parallelProcesses: Experiment = stormOn('E2', 'the same from 8 processes', [
  { store: 'redis', processes: 8, connections: 1, abreast: 16 },
  { store: 'postgres', processes: 8, connections: 8, abreast: 16 },
  { store: 'mariadb', processes: 8, connections: 8, abreast: 16 },
]);
