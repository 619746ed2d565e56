/**
 * Loaded before the demo (`--import`, with `--expose-gc`): reports how much memory is in use after
 * a garbage collection. Without one, a process grows for as long as there is room.
 */

import { setTimeout as pause } from 'node:timers/promises';

/** In MiB. */
export interface Memory {
  /** Resident memory, native memory included. */
  readonly resident: number;
  /** Live JavaScript memory, and the external memory that it refers to. */
  readonly live: number;
}

process.on('message', () => void report());

const report = async (): Promise<void> => {
  // Objects with a finalizer are freed by the next collection after it ran.
  for (let collection = 0; collection < 3; collection++) {
    globalThis.gc?.();
    await pause(100);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const live = (heapUsed + external) / 2 ** 20;
  process.send?.({ resident: rss / 2 ** 20, live } satisfies Memory);
};

// The channel must not keep the process alive.
process.channel?.unref();
