import { ConfigurationError } from './errors.ts';
import { unrefTimer } from './pause.ts';

/** A cleanup that runs until it is stopped. */
export interface Cleanup {
  /** Ends it; resolves when a run that is under way is through. */
  readonly stop: () => Promise<void>;
}

/** Anything that keeps what expires. */
export interface Cleanable {
  deleteExpired(): Promise<number>;
}

/**
 * Removes what has expired, at once and then every `interval` ms after the last
 * run ended. A failed run is told to `onError` and does not end it. The timer
 * does not keep a process alive.
 *
 * @throws ConfigurationError for an interval below 1 s or above 24 days.
 */
export const startCleanup = (
  stores: readonly Cleanable[],
  interval: number,
  onError: (error: unknown) => unknown = () => {},
): Cleanup => {
  if (!(interval >= 1_000 && interval < 2 ** 31)) {
    throw new ConfigurationError('interval', 'must be between 1,000 and 2,147,483,647 ms');
  }
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const sweep = async (): Promise<void> => {
    for (const store of stores) {
      try {
        await store.deleteExpired();
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

/** A listener's own failure must not end the cleanup either. */
const report = async (onError: (error: unknown) => unknown, error: unknown): Promise<void> => {
  try {
    await onError(error);
  } catch (failure) {
    console.error('pawl: a cleanup listener threw', failure);
  }
};
