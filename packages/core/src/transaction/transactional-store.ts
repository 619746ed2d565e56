import type { BlocklistStore } from '../store/blocklist-store.ts';
import type { SessionStore } from '../store/session-store.ts';

/** A store that can write within a transaction of the application, such as that of `@pawl/kysely`. */
export interface TransactionalStore {
  readonly sessions: SessionStore;
  /** Returns the store whose writes become visible with the transaction's commit. */
  within(transaction: never): {
    readonly sessions: SessionStore;
    readonly blocklist: BlocklistStore;
    /** Runs a task after the commit, and never if the transaction rolls back. */
    afterCommit(task: () => void | Promise<void>): void;
  };
}
