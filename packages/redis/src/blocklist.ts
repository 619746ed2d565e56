import type { BlocklistStore } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import type { Keys } from './key-names.ts';
import { block } from './lua/block.ts';

/** The blocklist in Redis: an id is on it while its key exists. */
export class RedisBlocklistStore implements BlocklistStore {
  readonly #connection: Connection;
  readonly #keys: Keys;

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  /**
   * One command; on a cluster one per id, at once, since ids are spread over all
   * nodes: in one slot they would make one node answer every check of the service.
   */
  async isRevoked(ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return false;
    const keys = ids.map((id) => this.#keys.blocked(id));
    const groups = this.#connection.client.isCluster ? keys.map((key) => [key]) : [keys];
    const counts = await Promise.all(
      groups.map((group) => this.#connection.send((client) => client.exists(...group))),
    );
    return counts.some((count) => count > 0);
  }

  async revoke(id: string, expiresAt: number): Promise<void> {
    await this.#connection.run(block, [this.#keys.blocked(id)], [expiresAt]);
  }

  /** The server forgets by itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}
