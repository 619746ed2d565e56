import type { Store } from '@pawl/core/store';

/** Returns the time in ms since the epoch. */
export type StoreClock = () => number;

/** A store with an injected clock that can be emptied. */
export interface ClockedStore {
  readonly open: (clock: StoreClock) => Pick<Store, 'sessions'>;
  readonly empty: () => Promise<void>;
  readonly close: () => Promise<void>;
}
