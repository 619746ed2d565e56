import type { Lease, LeaseStore } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import { numberOf, orNull } from './connection/reply-values.ts';
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
    return orNull((reply) => ({ fence: numberOf(reply) }), fence);
  }

  async renew(name: string, lease: Lease, ttl: number): Promise<boolean> {
    const key = this.#keyNames.lease(name);
    const reply = await this.#connection.run(renewLease, [key], [lease.fence, ttl]);
    return orNull(numberOf, reply) === 1;
  }

  async release(name: string, lease: Lease): Promise<void> {
    await this.#connection.run(releaseLease, [this.#keyNames.lease(name)], [lease.fence]);
  }
}
