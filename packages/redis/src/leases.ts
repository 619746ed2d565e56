import type { Lease, LeaseStore } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import type { KeyNames } from './key-names.ts';
import { acquireLease, releaseLease, renewLease } from './lua/lease.ts';

/** Leases in Redis; each verb is one script. */
export class RedisLeaseStore implements LeaseStore {
  readonly #connection: Connection;
  readonly #keyNames: KeyNames;

  constructor(connection: Connection, keyNames: KeyNames) {
    this.#connection = connection;
    this.#keyNames = keyNames;
  }

  async acquire(name: string, ttl: number, callId: Uint8Array): Promise<Lease | null> {
    const args = [ttl, Buffer.from(callId)];
    const fence = await this.#connection.run(acquireLease, [this.#keyNames.lease(name)], args);
    return fence === null ? null : { fence: Number(fence) };
  }

  async renew(name: string, lease: Lease, ttl: number): Promise<boolean> {
    const key = this.#keyNames.lease(name);
    return (await this.#connection.run(renewLease, [key], [lease.fence, ttl])) !== null;
  }

  async release(name: string, lease: Lease): Promise<void> {
    await this.#connection.run(releaseLease, [this.#keyNames.lease(name)], [lease.fence]);
  }
}
