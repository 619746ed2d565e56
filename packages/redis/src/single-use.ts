import type { SingleUseStore } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import type { Keys } from './key-names.ts';

/** Single-use values in Redis: the server's own commands are atomic enough. */
export class RedisSingleUseStore implements SingleUseStore {
  readonly #connection: Connection;
  readonly #keys: Keys;

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async put(key: string, value: string, ttl: number): Promise<boolean> {
    // A key is there until its expiry is *past*, so it gets one millisecond less.
    const ms = Math.max(1, Math.floor(ttl) - 1);
    const name = this.#keys.singleUse(key);
    const done = await this.#connection.send((client) => client.set(name, value, 'PX', ms, 'NX'));
    return done !== null;
  }

  take(key: string): Promise<string | null> {
    return this.#connection.send((client) => client.getdel(this.#keys.singleUse(key)));
  }

  /** The server forgets by itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}
