import type { Clock } from '@pawl/core';
import type { Lease, LeaseStore } from '@pawl/core/store';
import { BoundedMap } from './bounded-map.ts';

interface HeldLease extends Lease {
  readonly expiresAt: number;
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

  async acquire(name: string, ttl: number): Promise<Lease | null> {
    const now = this.#clock();
    const before = this.#held.get(name);
    if (before && now < before.expiresAt) return null;
    if (!before) this.#held.makeRoom(now);
    const fence = ++this.#lastFence;
    this.#held.set(name, { fence, expiresAt: now + ttl });
    return { fence };
  }

  async renew(name: string, lease: Lease, ttl: number): Promise<boolean> {
    const now = this.#clock();
    const held = this.#held.get(name);
    if (held?.fence !== lease.fence || now >= held.expiresAt) return false;
    this.#held.set(name, { fence: held.fence, expiresAt: now + ttl });
    return true;
  }

  async release(name: string, lease: Lease): Promise<void> {
    if (this.#held.get(name)?.fence === lease.fence) this.#held.delete(name);
  }
}
