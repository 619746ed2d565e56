import { ConfigurationError } from '../errors.ts';
import type { SessionsOptions } from '../session/options.ts';
import type { SessionSettings } from '../session/settings.ts';
import type { BlocklistStore } from '../store/blocklist-store.ts';
import { callStore } from '../store/call.ts';
import type { TransactionalStore } from './transactional-store.ts';

/**
 * Returns settings whose store writes within the transaction. Events are emitted after the commit, and
 * dropped when it rolls back. A blocklist in the same store is written within the transaction, another
 * one after the commit.
 *
 * @throws ConfigurationError if the store has no transactions
 */
export const settingsWithin = <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  { store, blocklist }: Pick<SessionsOptions<Claims, Data>, 'store' | 'blocklist'>,
  transaction: unknown,
): SessionSettings<Claims, Data> => {
  if (!isTransactional(store)) throw new ConfigurationError('store', 'has no transactions');
  const inner = store.within(transaction as never);
  const afterCommit = (task: () => void | Promise<void>): void => inner.afterCommit(task);
  const isSameStore = (blocklist as unknown) === store;
  return {
    ...settings,
    store: inner.sessions,
    blocklist: isSameStore
      ? inner.blocklist
      : settings.blocklist && writeAfterCommit(settings.blocklist, settings, afterCommit),
    emit: (draft) => afterCommit(() => settings.emit(draft)),
    forgetCached: (sessionId) => {
      settings.forgetCached(sessionId);
      // Another call may have cached the record that the commit replaces.
      afterCommit(() => settings.forgetCached(sessionId));
    },
  };
};

const isTransactional = (store: object): store is TransactionalStore =>
  typeof (store as Partial<TransactionalStore>).within === 'function';

const writeAfterCommit = (
  blocklist: BlocklistStore,
  { emit }: Pick<SessionSettings<never, never>, 'emit'>,
  afterCommit: (task: () => Promise<void>) => void,
): BlocklistStore => ({
  isRevoked: (...parameters) => blocklist.isRevoked(...parameters),
  deleteExpired: () => blocklist.deleteExpired(),
  revoke: async (id, expiresAt) =>
    afterCommit(() =>
      callStore(() => blocklist.revoke(id, expiresAt)).catch((error: unknown) =>
        emit({ type: 'background.failed', task: 'blocklist', error }),
      ),
    ),
});
