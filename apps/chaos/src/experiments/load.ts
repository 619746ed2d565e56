/** Code that the experiments share which disturb working clients. */
import type { SessionTimes } from '@pawl/core';
import { pause } from '@pawl/core/internal';
import type { Scale } from '../experiment.ts';
import { Fleet, type Worker, type WorkerOptions } from '../fleet/fleet.ts';
import type { LoadPlan } from '../fleet/plan.ts';
import { checkHistory, type Violation } from '../history/check.ts';
import type { Expectations } from '../history/expectations.ts';
import type { Operation } from '../history/operation.ts';

/** In ms. A short grace period, which experiments can wait for. No settling: every refresh rotates. */
const times: Partial<SessionTimes> = { gracePeriod: 1_000, settlePeriod: 0 };

const plan: LoadPlan = {
  clients: 16,
  users: [],
  gracePeriod: 1_000,
  loseReplies: 0.02,
  revoke: 0.005,
  think: 0,
};

/** What happens to working clients. */
export interface Disturbance {
  readonly scale: Scale;
  /** The nodes that the clients use. */
  readonly nodes: readonly WorkerOptions[];
  /** The undisturbed node that checks the result at the end. Default: the first of `nodes`. */
  readonly auditor?: WorkerOptions;
  readonly load?: Partial<LoadPlan>;
  /** Runs while the clients work; they stop when it ends. */
  readonly disturb: (workers: readonly Worker[]) => Promise<void>;
  /** Runs before the auditor. */
  readonly restore?: () => Promise<void>;
  /** Called at the end, because only then the times of possible losses are known. */
  readonly expectations: () => Partial<Expectations>;
}

/** The result of {@link disturb}. */
export interface Aftermath {
  readonly history: readonly Operation[];
  readonly violations: readonly Violation[];
  readonly rotations: number;
}

/** Runs the disturbance while clients work, then presents the token that each client holds. */
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
    const held = (await working).flat();
    await disturbance.restore?.();
    const auditor = fleet.add(disturbance.auditor ?? (disturbance.nodes[0] as WorkerOptions));
    await auditor.audit(held.map(({ token }) => token));
    const history = fleet.takeHistory();
    // A run without rotations proves nothing.
    if (count(history, 'rotated') === 0) throw new Error('no refresh token was rotated');
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

/** How many operations have this outcome. */
export const count = (history: readonly Operation[], outcome: string): number =>
  history.filter((operation) => operation.outcome === outcome).length;

/** Waits until the clients of all workers have rotated this often, or until the timeout in ms. */
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
