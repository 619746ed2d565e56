import type { Store } from '@pawl/core/store';
import type { UserTable } from '../users/user-table.ts';

/** The parts of a store that the demo uses. */
export type DemoStore = Pick<Store, 'sessions' | 'singleUse' | 'apiKeys' | 'rateLimits'>;

/** What can be changed together. */
export interface StorageParts {
  readonly users: UserTable;
  readonly store: DemoStore;
}

/** The users, the sessions and everything else that is stored. */
export interface Storage extends StorageParts {
  /**
   * Changes users and sessions together. If both are in one database, it is one transaction.
   * Otherwise the change of the users is undone if that of the sessions fails; only a failing
   * commit can leave sessions ended without the change of the users.
   */
  readonly changeTogether: <T>(work: (parts: StorageParts) => Promise<T>) => Promise<T>;
  /** @throws if the storage does not respond */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Called when an idle connection broke. */
export type OnConnectionError = (error: unknown) => void;
