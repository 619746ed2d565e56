import { ConfigurationError } from '../errors.ts';

/** All that a guard needs of a blocklist. */
export interface BlocklistChecker {
  /**
   * Whether any of the ids is on the list. An id that nobody put there is not.
   * A failure throws `StoreUnavailableError`: a guard must refuse then. Round trips: 1.
   */
  isRevoked(ids: readonly string[]): Promise<boolean>;
}

/** All that a logout needs of a blocklist. */
export interface BlocklistRevoker {
  /**
   * Puts an id (a `jti`, or a session id) on the list until `expiresAt` (ms
   * since the epoch), when every token that carries it is over anyway, whatever
   * tolerance its verifiers have: the caller has added that.
   * At that very millisecond either answer is right. Idempotent: of two racing calls for one id the later `expiresAt` stays.
   * Once acknowledged, every later `isRevoked` on any node sees it. Round trips: 1.
   */
  revoke(id: string, expiresAt: number): Promise<void>;
}

/** The port of the blocklist for JWTs. */
export interface BlocklistStore extends BlocklistChecker, BlocklistRevoker {
  /**
   * Removes ids whose `expiresAt` is past (one that expires at this very
   * millisecond stays) and answers how many. A store that forgets by itself answers 0.
   */
  deleteExpired(): Promise<number>;
}

/**
 * Returns the blocklist of the store that an option was given, if one was.
 *
 * @throws ConfigurationError if it is given without one
 */
export const validateBlocklist = <Part extends BlocklistChecker>(
  store: { readonly blocklist: Part } | undefined,
): Part | undefined => {
  if (store !== undefined && typeof store?.blocklist?.isRevoked !== 'function') {
    throw new ConfigurationError('blocklist', 'must be a store with a part for the blocklist');
  }
  return store?.blocklist;
};
