/** A lease that was granted. */
export interface Lease {
  /**
   * Grows with every grant of the same name, also after it ran out or was released: what is
   * written under a lease carries it, so that a writer who was overtaken is noticed.
   */
  readonly fence: number;
}

/** The port of mutual exclusion across nodes, for a bounded time. */
export interface LeaseStore {
  /**
   * Takes the lease for `ttl` ms on the store's clock, or answers null while
   * somebody holds it. Over once the store's now is `ttl` ms
   * after the grant. Atomic: of n racing calls exactly one gets it; sent again, it gets the
   * same lease while it holds it. Round trips: 1.
   *
   * @param callId 16 random bytes, the same where the call is sent again
   */
  acquire(name: string, ttl: number, callId: Uint8Array): Promise<Lease | null>;

  /**
   * Prolongs a lease to `ttl` ms from now and answers true, if it is still this one
   * and has not run out: one that has is not prolonged, even if nobody took it since.
   * Round trips: 1.
   */
  renew(name: string, lease: Lease, ttl: number): Promise<boolean>;

  /** Gives a lease back, if it is still this one; else changes nothing. Round trips: 1. */
  release(name: string, lease: Lease): Promise<void>;
}
