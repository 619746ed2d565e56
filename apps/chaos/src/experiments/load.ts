/** What the experiments have in common that disturb clients at work. */
import type { SessionTimes } from '@pawl/core';
import type { Scale } from '../experiment.ts';
import { Fleet, type Worker, type WorkerOptions } from '../fleet/fleet.ts';
import type { LoadPlan } from '../fleet/plan.ts';
import { checkHistory, type Violation } from '../history/check.ts';
import type { Expectations } from '../history/expectations.ts';
import type { Operation } from '../history/operation.ts';
import { pause } from '../pause.ts';

/** In ms. Short, so that an experiment can wait for its end; and without settling, so that all rotate. */
const times: Partial<SessionTimes> = { gracePeriod: 1_000, settlePeriod: 0 };

const plan: LoadPlan = {
  clients: 16,
  users: [],
  gracePeriod: 1_000,
  loseReplies: 0.02,
  revoke: 0.005,
  think: 0,
};

export interface Disturbance {
  readonly scale: Scale;
  /** The nodes that clients talk to. */
  readonly nodes: readonly WorkerOptions[];
  /** The node that looks at the end, undisturbed. Default: the first of `nodes`. */
  readonly auditor?: WorkerOptions;
  readonly load?: Partial<LoadPlan>;
  /** Runs while the clients work; they stop when it ends. */
  readonly disturb: (workers: readonly Worker[]) => Promise<void>;
  /** Runs before the auditor looks. */
  readonly restore?: () => Promise<void>;
  /** Known only afterwards, where the store may lose what it has acknowledged. */
  readonly expectations: () => Partial<Expectations>;
}

export interface Aftermath {
  readonly history: readonly Operation[];
  readonly violations: readonly Violation[];
  readonly rotations: number;
}

/** Lets clients work while something happens, then presents what each of them was left with. */
export const disturb = async (disturbance: Disturbance): Promise<Aftermath> => {
  const fleet = await Fleet.start(times, disturbance.scale.seed);
  try {
    const workers = disturbance.nodes.map((node) => fleet.add(node));
    const working = Promise.all(
      workers.map((worker) => worker.load({ ...plan, ...disturbance.load })),
    );
    working.catch(() => {});
    try {
      await disturbance.disturb(workers);
    } finally {
      await Promise.all(workers.map((worker) => worker.endLoad()));
    }
    const left = (await working).flat();
    await disturbance.restore?.();
    const auditor = fleet.add(disturbance.auditor ?? (disturbance.nodes[0] as WorkerOptions));
    await auditor.audit(left.map(({ token }) => token));
    const history = fleet.takeHistory();
    // What shows nothing is no success.
    if (count(history, 'rotated') === 0) throw new Error('not one refresh token was rotated');
    const { expectations } = disturbance;
    return {
      history,
      violations: checkHistory(history, {
        gracePeriod: 1_000,
        unavailable: false,
        losses: [],
        ...expectations(),
      }),
      rotations: count(history, 'rotated'),
    };
  } finally {
    await fleet.stop();
  }
};

export const count = (history: readonly Operation[], outcome: string): number =>
  history.filter((operation) => operation.outcome === outcome).length;

/** Waits until the clients of all workers have rotated so often, or the time is over. */
export const untilRotated = async (
  workers: readonly Worker[],
  rotations: number,
  timeout: number,
): Promise<void> => {
  const deadline = performance.now() + timeout;
  while (performance.now() < deadline) {
    const done = await Promise.all(workers.map((worker) => worker.progress()));
    if (done.reduce((sum, each) => sum + each, 0) >= rotations) return;
    await pause(50);
  }
};
