/** One node of the deployment, in a separate process: executes the requests of its parent. */
import { createSessions } from '@pawl/core';
import { createChance } from '../chance.ts';
import { HistoryLog } from '../history/log.ts';
import { connectStore } from '../stores/connect.ts';
import { runClient } from './client.ts';
import type { LoadPlan, Reply, Request, Verb, Verbs, WorkerPlan } from './plan.ts';
import { Recorder } from './recorder.ts';

const plan = JSON.parse(process.argv[2] ?? '') as WorkerPlan;
const log = new HistoryLog(plan.log);
const { store, close } = connectStore(plan.address, plan);
const sessions = createSessions<object, object>({
  store,
  secrets: [plan.secret],
  ...plan.times,
  clock: () => Date.now() + plan.skew,
});
const recorder = new Recorder(plan.name, sessions, log);
const chance = createChance(plan.seed);
let rotations = 0;
let isStopped = false;

const outcomesOf = (
  tokens: readonly string[],
  actor: 'auditor' | 'thief',
): Promise<readonly string[]> =>
  inSmallGroups(tokens, async (token) => {
    let result = await recorder.refresh(token, actor);
    // The store may still be recovering.
    for (let i = 0; result.outcome === 'ERR_STORE_UNAVAILABLE' && i < 5; i++) {
      result = await recorder.refresh(token, actor);
    }
    return result.outcome;
  });

const verbs: { [V in Verb]: (request: Verbs[V]['request']) => Promise<Verbs[V]['result']> } = {
  login: ({ users }) =>
    inSmallGroups(users, async (user) => {
      const { tokens, outcome } = await recorder.login(user);
      if (!tokens) throw new Error(`login: ${outcome}`);
      return tokens.refreshToken;
    }),
  storm: async ({ tokens, times }) => {
    const results = await Promise.all(
      tokens.map((token) =>
        Promise.all(Array.from({ length: times }, () => recorder.refresh(token))),
      ),
    );
    return results.map(
      (each) => each.find((result) => result.tokens)?.tokens?.refreshToken ?? null,
    );
  },
  audit: ({ tokens }) => outcomesOf(tokens, 'auditor'),
  steal: ({ tokens }) => outcomesOf(tokens, 'thief'),
  load: (request) => runLoad(request),
  stop: async () => {
    isStopped = true;
    return null;
  },
  progress: async () => rotations,
};

const runLoad = async (request: LoadPlan): Promise<{ token: string }[]> => {
  isStopped = false;
  const load = {
    ...request,
    recorder,
    chance,
    isStopped: () => isStopped,
    countRotation: () => {
      rotations += 1;
    },
  };
  const held = await Promise.all(
    Array.from({ length: request.clients }, (_, i) =>
      runClient(load, request.users[i % request.users.length] ?? `user ${plan.name} ${i}`),
    ),
  );
  return held.flat().map((token) => ({ token }));
};

async function inSmallGroups<T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < all.length; i += 16) {
    results.push(...(await Promise.all(all.slice(i, i + 16).map(run))));
  }
  return results;
}

const execute = async ({ id, verb, request }: Request): Promise<Reply> => {
  try {
    const run = verbs[verb] as (request: unknown) => Promise<unknown>;
    return { id, result: await run(request) };
  } catch (error) {
    return { id, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    log.flush();
  }
};

process.on('message', (request: Request) => {
  void execute(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => {
  log.flush();
  void sessions
    .close()
    .then(close)
    .finally(() => process.exit(0));
});
