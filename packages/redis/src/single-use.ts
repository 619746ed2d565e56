import type { SingleUseStore } from '@pawl/core/store';
import type { Connection } from './connection.ts';
import type { Keys } from './keys.ts';

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
    const args = [this.#keys.singleUse(key), value, 'PX', ms, 'NX'];
    return (await this.#connection.command('SET', args)) !== null;
  }

  async take(key: string): Promise<string | null> {
    const value = await this.#connection.command('GETDEL', [this.#keys.singleUse(key)]);
    return value === null ? null : (value as Buffer).toString();
  }

  /** The server forgets by itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}
