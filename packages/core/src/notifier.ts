import type { Clock } from './clock.ts';
import { isPromise } from './value-kinds.ts';

/** An event before it is dated: each member of a union without its `at`. */
export type EventDraft<Event extends { readonly at: number }> = Event extends unknown
  ? Omit<Event, 'at'>
  : never;

/**
 * Returns a function that dates events (`at`, in ms since the epoch on the application's clock)
 * and passes them to the listener.
 *
 * A listener cannot undo what has happened: what it throws, and the rejection of a promise that
 * it returns, are logged with `console.error` and otherwise ignored. Nothing waits for the promise.
 */
export const createNotifier = <Event extends { readonly at: number }>(
  listener: ((event: Event) => unknown) | undefined,
  clock: Clock,
): ((draft: EventDraft<Event>) => void) => {
  if (!listener) return () => {};
  return (draft) => {
    try {
      const result = listener({ ...draft, at: clock() } as unknown as Event);
      if (isPromise(result)) result.then(undefined, report);
    } catch (error) {
      report(error);
    }
  };
};

const report = (error: unknown): void => console.error('pawl: an event listener threw', error);
