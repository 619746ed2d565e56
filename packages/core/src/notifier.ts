import { outlive, type WaitUntil } from './background.ts';
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
 * it returns, are logged with `console.error` and otherwise ignored. Nothing waits for the promise
 * but the platform, if `waitUntil` is given, once for all events or with one event.
 */
export const createNotifier = <Event extends { readonly at: number }>(
  listener: ((event: Event) => unknown) | undefined,
  clock: Clock,
  waitUntil?: WaitUntil,
): ((draft: EventDraft<Event>, ofRequest?: WaitUntil) => void) => {
  if (!listener) return () => {};
  return (draft, ofRequest) => {
    try {
      const result = listener({ ...draft, at: clock() } as unknown as Event);
      if (isPromise(result)) outlive(Promise.resolve(result).catch(report), ofRequest, waitUntil);
    } catch (error) {
      report(error);
    }
  };
};

const report = (error: unknown): void => console.error('pawl: an event listener threw', error);
