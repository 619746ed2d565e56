import { type Clock } from '@pawl/core';
import { assertId, isSameCall, type Lease, type LeaseStore } from '@pawl/core/store';
import { BoundedMap } from './bounded-map.ts';

interface HeldLease extends Lease {
  readonly expiresAt: number;
  /** The `callId` of the call that got the lease. */
  readonly grantedBy: Uint8Array;
}

/** Leases in memory. Every verb is atomic, because none awaits. */
export class MemoryLeaseStore implements LeaseStore {
  readonly #clock: Clock;
  readonly #held: BoundedMap<HeldLease>;
  /** One counter for all names, so that fences keep growing after a name is deleted. */
  #lastFence = 0;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#held = new BoundedMap(max, ({ expiresAt }) => expiresAt);
  }

  async acquire(name: string, ttl: number, callId: Uint8Array): Promise<Lease | null> {
    assertId('name', name);
    const now = this.#clock();
    const before = this.#held.get(name);
    if (before && now < before.expiresAt) {
      return isSameCall(before.grantedBy, callId) ? { fence: before.fence } : null;
    }
    if (!before) this.#held.makeRoom(now);
    const fence = ++this.#lastFence;
    this.#held.set(name, { fence, expiresAt: now + ttl, grantedBy: new Uint8Array(callId) });
    return { fence };
  }

  async renew(name: string, lease: Lease, ttl: number): Promise<boolean> {
    const now = this.#clock();
    const held = this.#held.get(name);
    if (held?.fence !== lease.fence || now >= held.expiresAt) return false;
    this.#held.set(name, { ...held, expiresAt: now + ttl });
    return true;
  }

  async release(name: string, lease: Lease): Promise<void> {
    if (this.#held.get(name)?.fence === lease.fence) this.#held.delete(name);
  }
}
