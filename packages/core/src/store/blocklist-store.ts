import { ConfigurationError } from '../errors.ts';

/** The part of a blocklist that a guard needs. */
export interface BlocklistChecker {
  /**
   * Returns whether any of the ids is on the list. A failure throws `StoreUnavailableError`: a guard
   * must refuse the request then. Round trips: 1.
   */
  isRevoked(ids: readonly string[]): Promise<boolean>;
}

/** The part of a blocklist that a logout needs. */
export interface BlocklistRevoker {
  /**
   * Puts an id (a `jti` or a session id) on the list until `expiresAt`, in ms since the epoch. By then
   * every token with this id has expired, also for a verifier with a tolerance, which the caller has
   * added. In that very millisecond `isRevoked` may return either. Idempotent: of two concurrent calls
   * for one id, the later `expiresAt` stays. After the call has resolved, every `isRevoked` on any
   * node returns true. Round trips: 1.
   */
  revoke(id: string, expiresAt: number): Promise<void>;
}

/** The port of the blocklist for JWTs: an adapter implements it. */
export interface BlocklistStore extends BlocklistChecker, BlocklistRevoker {
  /**
   * Removes ids whose `expiresAt` is past (an id that expires in this millisecond stays) and returns
   * how many. A store that removes expired entries by itself returns 0.
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
    throw new ConfigurationError('blocklist', 'needs a store with a blocklist');
  }
  return store?.blocklist;
};
