/** A lease that a store has granted. */
export interface Lease {
  /**
   * Increases with every grant of the same name, also after a lease expired or was released. Write
   * it with everything that the lease protects: a writer whose lease was lost is then detected.
   */
  readonly fence: number;
}

/**
 * The port of mutual exclusion across nodes for a limited time: an adapter implements it. A name has 1
 * to 512 UTF-16 units: up to 1,536 bytes in UTF-8.
 */
export interface LeaseStore {
  /**
   * Takes the lease for `ttl` ms on the store's clock, or returns null while another caller holds it.
   * It has expired when the store's time is `ttl` ms after the grant. Atomic: of n concurrent calls
   * exactly one gets it; sent again, it gets the same lease while it holds it. Round trips: 1.
   *
   * @param callId 16 random bytes; the same when the call is sent again
   */
  acquire(name: string, ttl: number, callId: Uint8Array): Promise<Lease | null>;

  /**
   * Extends a lease to `ttl` ms from now and returns true, if it is still this one and has not
   * expired; an expired lease is not extended, even if no other caller has taken it. Round trips: 1.
   */
  renew(name: string, lease: Lease, ttl: number): Promise<boolean>;

  /** Releases a lease, if it is still this one; else changes nothing. Round trips: 1. */
  release(name: string, lease: Lease): Promise<void>;
}
