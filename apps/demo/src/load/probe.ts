/**
 * Loaded before the demo (`--import`, with `--expose-gc`): answers how much memory it has left
 * after a collection. Without one a process grows for as long as there is room, and that tells
 * nothing.
 */

import { setTimeout as pause } from 'node:timers/promises';

/** In MiB. */
export interface Memory {
  /** What the system counts, native memory and all. */
  readonly resident: number;
  /** What is alive in JavaScript, and what hangs on it outside. */
  readonly live: number;
}

process.on('message', () => void answer());

const answer = async (): Promise<void> => {
  // What has a finalizer goes when that has run: with the next collection.
  for (let collection = 0; collection < 3; collection++) {
    globalThis.gc?.();
    await pause(100);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const live = (heapUsed + external) / 2 ** 20;
  process.send?.({ resident: rss / 2 ** 20, live } satisfies Memory);
};

// Asking is no reason to stay.
process.channel?.unref();
