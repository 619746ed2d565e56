import type { Store } from '@pawl/core/store';

/** Answers ms since the epoch. */
export type StoreClock = () => number;

/** A store that takes its time from outside, and can be emptied. */
export interface ClockedStore {
  readonly open: (clock: StoreClock) => Pick<Store, 'sessions'>;
  readonly empty: () => Promise<void>;
  readonly close: () => Promise<void>;
}
