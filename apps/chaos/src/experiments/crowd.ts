/** CROWD: what one user with very many sessions costs others. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SessionPosition } from '@pawl/core';
import type { SessionStore } from '@pawl/core/store';
import { newSession, newUserId, revokeAllInput } from '@pawl/testkit';
import type { Experiment, Result, Scale } from '../experiment.ts';
import type { BystanderReport } from '../fleet/bystander.ts';
import { connectStore } from '../stores/connect.ts';
import { startStore } from '../stores/start.ts';

type CrowdStore = 'redis' | 'postgres' | 'mariadb' | 'sqlite';

/** In ms: how long a call of another user may take while the verbs run, on Redis. */
const longestAllowed = 50;

const fill = async (sessions: SessionStore, userId: string, count: number): Promise<void> => {
  for (let from = 0; from < count; from += 100) {
    await Promise.all(
      Array.from({ length: Math.min(100, count - from) }, () =>
        sessions.create(newSession({ userId })),
      ),
    );
  }
};

const readAllPages = async (sessions: SessionStore, userId: string): Promise<void> => {
  for (let after: SessionPosition | undefined; ; ) {
    const { records } = await sessions.list(userId, { after });
    after = records.at(-1);
    if (!after) return;
  }
};

type Verb = readonly [
  name: string,
  run: (sessions: SessionStore, userId: string) => Promise<unknown>,
];

const verbs = (count: number): readonly Verb[] => [
  ['a page of 100', (sessions, userId) => sessions.list(userId, { limit: 100 })],
  ['all pages', readAllPages],
  [
    'a login at the limit',
    (sessions, userId) =>
      sessions.create(newSession({ userId }), { max: count, policy: 'evict_oldest' }),
  ],
  [
    'revokeAll, except one',
    async (sessions, userId) => {
      const { records } = await sessions.list(userId, { limit: 1 });
      const exceptSessionId = records[0]?.sessionId;
      await sessions.revokeAll(revokeAllInput(userId, 'logout', { exceptSessionId }));
    },
  ],
];

/** The same verbs with few sessions: what the bystander sees on a server without such a user. */
const quietCrowd = 10;

const runCrowd = async (name: CrowdStore, count: number): Promise<Result> => {
  const started = await startStore(name);
  const { store, close } = connectStore(started.address, { timeout: 120_000 });
  const url = new URL('../fleet/bystander.ts', import.meta.url);
  const bystander = new Worker(url, { workerData: started.address });
  const report = async (message: 'report' | 'stop'): Promise<BystanderReport> => {
    bystander.postMessage(message);
    return ((await once(bystander, 'message')) as [BystanderReport])[0];
  };
  const found: string[] = [];
  let longest = 0;
  let operations = 0;
  try {
    await once(bystander, 'message');
    for (const size of [quietCrowd, count]) {
      const userId = newUserId();
      await fill(store.sessions, userId, size);
      for (const [verb, run] of verbs(size)) {
        await report('report');
        const began = performance.now();
        await run(store.sessions, userId);
        const took = performance.now() - began;
        const seen = await report('report');
        operations += seen.calls;
        if (size === count) longest = Math.max(longest, seen.longest);
        found.push(
          `${size.toLocaleString('en')}, ${verb}: ${ms(took)}, others ${ms(seen.longest)}`,
        );
      }
    }
    await report('stop');
  } finally {
    await bystander.terminate();
    await close();
    await started.stop();
  }
  const tooLong = name === 'redis' && longest > longestAllowed;
  const problem = `a call of another user took ${ms(longest)}`;
  return {
    store: name,
    operations,
    faults: `${count.toLocaleString('en')} sessions of one user, no limit`,
    violations: tooLong ? [{ rule: 'crowd', problem, sessionId: '', trace: [] }] : [],
    found: found.join('; '),
  };
};

const ms = (time: number): string => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;

export const crowd: Experiment = {
  name: 'CROWD',
  title: 'a user with very many sessions, and the calls of others meanwhile',
  passes: `on Redis no call of another user takes longer than ${longestAllowed} ms`,
  note:
    'The first figure is how long the verb took, the second the longest check of another user’s session ' +
    'meanwhile, from another thread and connection. Without `--full`, SQL stores have 10,000 sessions.',
  run: async ({ full }: Scale, report) => {
    report(await runCrowd('redis', 100_000));
    for (const name of ['postgres', 'mariadb', 'sqlite'] as const) {
      report(await runCrowd(name, full ? 100_000 : 10_000));
    }
  },
};
