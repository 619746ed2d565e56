import type { Lease, LeaseStore } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import type { Keys } from './key-names.ts';
import { acquireLease, releaseLease, renewLease } from './lua/lease.ts';

/** Leases in Redis. */
export class RedisLeaseStore implements LeaseStore {
  readonly #connection: Connection;
  readonly #keys: Keys;

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async acquire(name: string, ttl: number): Promise<Lease | null> {
    const fence = await this.#connection.run(acquireLease, [this.#keys.lease(name)], [ttl]);
    return fence === null ? null : { fence: Number(fence) };
  }

  async renew(name: string, lease: Lease, ttl: number): Promise<boolean> {
    const key = this.#keys.lease(name);
    return (await this.#connection.run(renewLease, [key], [lease.fence, ttl])) !== null;
  }

  async release(name: string, lease: Lease): Promise<void> {
    await this.#connection.run(releaseLease, [this.#keys.lease(name)], [lease.fence]);
  }
}
