/** E4: the same random programs run on every store, and one oracle checks every outcome. */
import assert from 'node:assert/strict';
import { createMemoryStore } from '@pawl/memory';
import type { ProtocolNodes } from '@pawl/testkit/protocol';
import { testProtocol } from '@pawl/testkit/protocol';
import type { Experiment, Result, Scale } from '../experiment.ts';
import type { ClockedStore, StoreClock } from '../stores/clocked.ts';
import { clockedRedis } from '../stores/clocked-redis.ts';
import { clockedMariadb, clockedPostgres, clockedSqlite } from '../stores/clocked-sql.ts';
import { startStore } from '../stores/start.ts';

type ModelStore = Parameters<typeof startStore>[0];

const clockedStore = async (store: ModelStore): Promise<ClockedStore> => {
  const { address, stop } = await startStore(store).then((started) => ({
    address: started.address,
    stop: () => started.stop(),
  }));
  const inside = await open(address);
  return {
    ...inside,
    close: async () => {
      await inside.close();
      await stop();
    },
  };
};

const open = async (
  address: Awaited<ReturnType<typeof startStore>>['address'],
): Promise<ClockedStore> => {
  switch (address.store) {
    case 'sqlite':
      return clockedSqlite(address.file);
    case 'postgres':
      return clockedPostgres(address.url);
    case 'mariadb':
      return clockedMariadb(address.url);
    case 'redis':
      return clockedRedis(address.port);
    default: {
      const none = async (): Promise<void> => {};
      return { open: (clock) => createMemoryStore({ clock }), empty: none, close: none };
    }
  }
};

const runModel = async (name: ModelStore, { seed, full }: Scale): Promise<Result> => {
  const programs = full ? 2_000 : 80;
  const store = await clockedStore(name);
  let operations = 0;
  const tests = new Map<string, () => Promise<void>>();
  const it = (test: string, body: () => Promise<void>): unknown => tests.set(test, body);
  const runner = {
    describe: (_: string, body: () => void): void => body(),
    it: Object.assign(it, { skip: () => {} }),
    expect: (actual: unknown) => ({
      toBe: (expected: unknown) => assert.equal(actual, expected),
      toEqual: (expected: unknown) => assert.deepEqual(actual, expected),
    }),
  };
  // A fail-over opens the nodes of an empty store once more, and repeats the calls that were not lost.
  const nodes = async ({ now }: { now: StoreClock }): Promise<ProtocolNodes> => {
    await store.empty();
    const node = countCalls(store.open(now), () => {
      operations += 1;
    });
    return { stores: [node, node], close: store.empty };
  };
  testProtocol(runner, nodes, { programs, seed });
  const program = [...tests].find(([test]) => test.includes('oracle'))?.[1];
  try {
    const problem = await program?.().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const violation = { rule: 'E4 model', sessionId: '', trace: [] };
    return {
      store: name,
      operations,
      faults: `${programs} programs: clock steps, restarts, key rotations, replays`,
      violations: problem ? [{ ...violation, problem: problem.slice(0, 1_500) }] : [],
      found: problem ? 'the outcomes differ' : 'every outcome matches the oracle',
    };
  } finally {
    await store.close();
  }
};

type Node = ProtocolNodes['stores'][number];

const countCalls = ({ sessions }: Node, onCall: () => void): Node => ({
  sessions: new Proxy(sessions, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        onCall();
        return Reflect.apply(value, target, args);
      };
    },
  }),
});

export const sameModel: Experiment = {
  name: 'E4',
  title: 'every store against the model',
  passes: 'for the same programs, every store has the same outcomes as the oracle',
  note:
    'All stores use the model’s clock: in SQL by the adapter’s `clock` option, in Redis by ' +
    'replacing `TIME` in the scripts before they are sent.',
  run: async (scale, report) => {
    for (const store of ['memory', 'redis', 'postgres', 'mariadb', 'sqlite'] as const) {
      report(await runModel(store, scale));
    }
  },
};
