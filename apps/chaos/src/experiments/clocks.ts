/** E12: the clocks of the nodes and of the store are wrong, and the store's clock jumps. */

import { pause } from '@pawl/core/internal';
import type { Experiment, Result, Scale } from '../experiment.ts';
import { Fleet } from '../fleet/fleet.ts';
import { checkHistory, type Violation } from '../history/check.ts';
import type { Operation } from '../history/operation.ts';
import { startStore } from '../stores/start.ts';
import { createSteppedClock } from '../stores/stepped-clock.ts';
import { count, disturb } from './load.ts';

const fiveMinutes = 300_000;
const skews = [-fiveMinutes, 0, fiveMinutes];
/** In ms. */
const gracePeriod = 2_000;
const expectations = { gracePeriod, unavailable: false, losses: [] };

/**
 * Three nodes share sessions: one logs in, the next rotates, the third confirms. Then each presents
 * the consumed token within the grace period and after it.
 */
const skewNodes = async (
  store: 'redis' | 'postgres' | 'mariadb',
  scale: Scale,
): Promise<Result> => {
  const started = await startStore(store);
  const fleet = await Fleet.start({ gracePeriod, maxReplays: 10 }, scale.seed);
  try {
    const nodes = skews.map((skew) => fleet.add({ address: started.address, skew }));
    const users = Array.from({ length: 20 }, (_, i) => `user ${i}`);
    for (const [i, node] of nodes.entries()) {
      const next = nodes[(i + 1) % nodes.length] ?? node;
      const last = nodes[(i + 2) % nodes.length] ?? node;
      const first = await node.login(users);
      const successors = (await next.storm(first, 2)).map((token, at) => token ?? first[at] ?? '');
      await last.storm(successors, 1);
      await pause(gracePeriod / 2);
      for (const each of nodes) await each.storm(first, 1);
      await pause(gracePeriod / 2 + 1_200);
      for (const each of nodes) await each.steal(first);
      await node.audit(successors);
    }
    const history = fleet.takeHistory();
    return {
      store,
      operations: history.length,
      faults: 'node clocks 5 min behind, correct, 5 min ahead',
      violations: [...checkHistory(history, expectations), ...wrongGracePeriods(history)],
      found: `${count(history, 'replayed')} replayed within the grace period, ${thefts(history).length} refused after it`,
    };
  } finally {
    await fleet.stop();
    await started.stop();
  }
};

const thefts = (history: readonly Operation[]): readonly Operation[] =>
  history.filter(({ actor }) => actor === 'thief');

/** Every honest retry must return tokens; no call after the grace period may. */
const wrongGracePeriods = (history: readonly Operation[]): Violation[] =>
  history
    .filter(({ actor, kind, minted }) => kind === 'refresh' && (actor === 'thief') === !!minted)
    .filter(({ actor }) => actor !== 'auditor')
    .map(({ outcome, sessionId, ...rest }) => ({
      rule: 'grace period by store time',
      problem: `${rest.actor} on ${rest.node} got ${outcome}`,
      sessionId,
      trace: history.filter((operation) => operation.sessionId === sessionId),
    }));

const steps = [-10, 0, 15, 5];

const stepStore = async (store: 'postgres' | 'mariadb', scale: Scale): Promise<Result | null> => {
  const clock = await createSteppedClock();
  if (!clock) return null;
  try {
    const started = await clock.start(() => startStore(store));
    try {
      const node = { address: started.address };
      const { history, violations } = await disturb({
        scale,
        nodes: [node, node],
        load: { clients: 8, loseReplies: 0.05 },
        disturb: async () => {
          for (const offset of steps) {
            await pause(1_500);
            await clock.step(offset);
          }
          await pause(1_500);
        },
        expectations: () => ({}),
      });
      return {
        store,
        operations: history.length,
        faults: `store clock at ${steps.join(', ')} s`,
        violations,
        found: `${count(history, 'rotated')} rotated, ${count(history, 'replayed')} replayed`,
      };
    } finally {
      await started.stop();
    }
  } finally {
    await clock.stop();
  }
};

export const clocks: Experiment = {
  name: 'E12',
  title: 'node clocks that differ, and a store clock that jumps',
  passes:
    'the grace period is measured by store time and never exceeded by more than 1 s; no false ' +
    'revocation',
  note:
    'The store’s clock jumps by libfaketime, where that can be installed. Redis does not start ' +
    'with it; jumps of the clock of Redis occur only in E4, and only forward.',
  run: async (scale, report) => {
    for (const store of ['redis', 'postgres', 'mariadb'] as const) {
      report(await skewNodes(store, scale));
    }
    for (const store of ['postgres', 'mariadb'] as const) {
      const result = await stepStore(store, scale);
      if (result) report(result);
      else console.log(`  ${store}: not run, because libfaketime is not available`);
    }
  },
};
