import { ConfigurationError } from './errors.ts';
import { assertOptions } from './option-names.ts';
import { unrefTimer } from './pause.ts';
import type { Cleanable } from './store/cleanable.ts';
import type { LeaseStore } from './store/lease-store.ts';
import type { Store } from './store/store.ts';

/** A cleanup that runs until `stop` is called. */
export interface Cleanup {
  /** Ends the cleanup. Resolves when a run that is in progress has finished. */
  readonly stop: () => Promise<void>;
}

/** A store: each part that has `deleteExpired` is swept, the others are left alone. */
export type CleanableStore = {
  readonly [Part in keyof Store]?: Cleanable | LeaseStore | undefined;
};

/** Options of {@link startCleanup}. */
export interface CleanupOptions {
  /** Called with every error of a part. Default: errors are ignored. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

/**
 * Removes what has expired from every part of a store, at once and then every `interval` ms after
 * the last run ended. A failed run is reported to `onError` and does not end it. The timer does
 * not keep a process alive.
 *
 * @example
 * ```ts
 * const cleanup = startCleanup(store, 60_000, { onError: (error) => log.error(error) });
 * process.once('SIGTERM', () => cleanup.stop());
 * ```
 *
 * @param interval in ms, from 1,000 to 2,147,483,647
 * @throws ConfigurationError if no part of the store keeps what expires, or if the interval is
 *   out of range.
 */
export const startCleanup = (
  store: CleanableStore,
  interval: number,
  options: CleanupOptions = {},
): Cleanup => {
  assertOptions(options, { onError: 1 });
  const { onError = () => {} } = options;
  const parts = Object.values(store ?? {}).filter(isCleanable);
  if (parts.length === 0) {
    throw new ConfigurationError('store', 'needs a part with deleteExpired');
  }
  if (!(interval >= 1_000 && interval < 2 ** 31)) {
    throw new ConfigurationError('interval', 'must be between 1,000 and 2,147,483,647 ms');
  }
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const sweep = async (): Promise<void> => {
    for (const part of parts) {
      try {
        await part.deleteExpired();
      } catch (error) {
        await report(onError, error);
      }
    }
    if (stopped) return;
    timer = setTimeout(() => {
      running = sweep();
    }, interval);
    unrefTimer(timer);
  };
  let running = sweep();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};

const isCleanable = (part: unknown): part is Cleanable =>
  typeof (part as Partial<Cleanable> | null | undefined)?.deleteExpired === 'function';

/** An error of the listener must not end the cleanup either. */
const report = async (onError: (error: unknown) => unknown, error: unknown): Promise<void> => {
  try {
    await onError(error);
  } catch (failure) {
    console.error('pawl: a cleanup listener threw', failure);
  }
};
