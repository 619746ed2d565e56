import type { Store } from '@pawl/core/store';
import type { UserTable } from '../users/user-table.ts';

/** The parts of a store that the demo uses. */
export type DemoStore = Pick<Store, 'sessions' | 'singleUse' | 'apiKeys' | 'rateLimits'>;

/** What one piece of work may change. */
export interface Parts {
  readonly users: UserTable;
  readonly store: DemoStore;
}

/** Users, sessions and all else that outlives a request. */
export interface Storage extends Parts {
  /**
   * Changes users and sessions together. Where both are in one database it is one
   * transaction: both or neither. Elsewhere the users' change is undone if the
   * sessions' fails, and only a failing commit may leave sessions ended for nothing.
   */
  readonly together: <T>(work: (parts: Parts) => Promise<T>) => Promise<T>;
  /** @throws if the storage does not answer */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Hears of connections that broke while nobody was using them. */
export type OnConnectionError = (error: unknown) => void;
