import { ConfigurationError } from '../errors.ts';

/** When, and for whom, a token was issued. */
export interface TokenOrigin {
  /** The user. */
  readonly subject: string;
  /** In microseconds since the epoch. */
  readonly issuedAt: number;
}

/** The part of a blocklist that a guard needs. */
export interface BlocklistChecker {
  /**
   * Returns whether any of the ids is on the list. A failure throws `StoreUnavailableError`: a guard
   * must refuse the request then. Round trips: 1.
   *
   * A store with {@link BlocklistStore.revokeBefore} also returns true for a token of a user that was
   * issued before the user's time. Both are read in the same round trip.
   *
   * @param origin only passed to a store with `revokeBefore`
   */
  isRevoked(ids: readonly string[], origin?: TokenOrigin): Promise<boolean>;
  /** See {@link BlocklistStore.revokeBefore}. */
  revokeBefore?(subject: string, notBefore: number, expiresAt: number): Promise<void>;
}

/** The part of a blocklist that a logout needs. */
export interface BlocklistRevoker {
  /**
   * Puts an id (a `jti` or a session id) on the list until `expiresAt`, in ms since the epoch. By then
   * every token with this id has expired, also for a verifier with a tolerance, which the caller has
   * added. In that very millisecond `isRevoked` may return either. Idempotent: of two concurrent calls
   * for one id, the later `expiresAt` stays. After the call has resolved, every `isRevoked` on any
   * node returns true. An empty id throws `InvalidInputError`. Round trips: 1.
   */
  revoke(id: string, expiresAt: number): Promise<void>;
}

/**
 * The port of the blocklist for JWTs: an adapter implements it. An id has 1 to 512 UTF-16 units: up to
 * 1,536 bytes in UTF-8.
 */
export interface BlocklistStore extends BlocklistChecker, BlocklistRevoker {
  /**
   * Revokes all tokens of a user that were issued before a time, until `expiresAt`. Optional: without
   * it, tokens without a session can be revoked one by one only.
   *
   * Atomic, and one value per user: of two calls the later time stays, and the later `expiresAt`. The
   * value is kept until `expiresAt`, like an id. An empty subject throws `InvalidInputError`. After
   * the call has resolved, every `isRevoked` on any node returns true for an `origin` of this subject
   * with an `issuedAt` below `notBefore`, and false for one at or after it. Round trips: 1.
   *
   * @param notBefore in microseconds since the epoch
   * @param expiresAt in ms since the epoch: by then every token from before has expired
   */
  revokeBefore?(subject: string, notBefore: number, expiresAt: number): Promise<void>;
  /**
   * Removes ids, and times of users, whose `expiresAt` is past (an id that expires in this millisecond stays) and returns
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
