import type { Clock } from './clock.ts';
import { pause } from './pause.ts';

/**
 * Tells a platform that some work outlives its request. Without it, serverless platforms stop when
 * the response is sent, in the middle of the work. Examples: `waitUntil` of `cloudflare:workers` and
 * of `@vercel/functions`.
 */
export type WaitUntil = (work: Promise<unknown>) => void;

/** Gives work to the platform. What a door throws is logged: the work runs as well without it. */
export const outlive = (
  work: Promise<unknown>,
  ...doors: readonly (WaitUntil | undefined)[]
): void => {
  for (const door of doors) {
    try {
      door?.(work);
    } catch (error) {
      console.error('pawl: waitUntil threw', error);
    }
  }
};

/** Work that no request waits for. */
export interface Background {
  /**
   * Runs a task, one per key at a time.
   *
   * @param ofRequest the door of the request that caused it, if that has one
   */
  readonly run: (key: string, task: () => Promise<void>, ofRequest?: WaitUntil) => void;
  /** Resolves when no task is running any more, or after 30 s. */
  readonly drain: () => Promise<void>;
}

/**
 * In ms: how long a task counts as running. A platform may have stopped it without a word: it must
 * not keep the next one from being tried.
 */
const longestRun = 30_000;

/** Beyond so many, tasks that no longer count are forgotten. */
const manyTasks = 1_000;

interface Task {
  readonly done: Promise<void>;
  readonly startedAt: number;
}

/** Creates the one door through which all floating work goes. */
export const createBackground = ({
  clock,
  waitUntil,
  onFailure,
}: {
  readonly clock: Clock;
  readonly waitUntil?: WaitUntil | undefined;
  readonly onFailure: (error: unknown) => void;
}): Background => {
  const running = new Map<string, Task>();
  const counts = ({ startedAt }: Task): boolean => {
    const age = clock() - startedAt;
    return age >= 0 && age < longestRun;
  };
  return {
    run: (key, task, ofRequest) => {
      const before = running.get(key);
      if (before && counts(before)) return;
      if (running.size >= manyTasks) {
        for (const [name, one] of running) if (!counts(one)) running.delete(name);
      }
      // A task that throws at once must not fail the request either.
      const done = (async () => task())()
        .catch((error: unknown) => onFailure(error))
        .finally(() => {
          if (running.get(key)?.done === done) running.delete(key);
        });
      running.set(key, { done, startedAt: clock() });
      outlive(done, ofRequest, waitUntil);
    },
    drain: async () => {
      const tasks = [...running.values()].filter(counts).map(({ done }) => done);
      if (tasks.length > 0)
        await Promise.race([Promise.all(tasks), pause(longestRun, { unref: true })]);
    },
  };
};
