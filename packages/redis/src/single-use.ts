import type { SingleUseStore } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import type { KeyNames } from './key-names.ts';

/** Single-use values in Redis. No scripts: the commands `SET … NX` and `GETDEL` are atomic. */
export class RedisSingleUseStore implements SingleUseStore {
  readonly #connection: Connection;
  readonly #keyNames: KeyNames;

  constructor(connection: Connection, keyNames: KeyNames) {
    this.#connection = connection;
    this.#keyNames = keyNames;
  }

  async put(key: string, value: string, ttl: number): Promise<boolean> {
    // Redis keeps a key until its expiry has *passed*, so it gets one millisecond less.
    const ms = Math.max(1, Math.floor(ttl) - 1);
    const name = this.#keyNames.singleUse(key);
    const reply = await this.#connection.send((client) => client.set(name, value, 'PX', ms, 'NX'));
    return reply !== null;
  }

  take(key: string): Promise<string | null> {
    return this.#connection.send((client) => client.getdel(this.#keyNames.singleUse(key)));
  }

  /** Always 0: the server removes expired values itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}
