import type { BlocklistStore } from '@pawl/core/store';
import { numberOf } from './connection/answer.ts';
import type { Connection } from './connection/connection.ts';
import type { KeyNames } from './key-names.ts';
import { block, countListed } from './lua/block.ts';

/** The blocklist in Redis: an id is listed while its key exists. */
export class RedisBlocklistStore implements BlocklistStore {
  readonly #connection: Connection;
  readonly #keyNames: KeyNames;

  constructor(connection: Connection, keyNames: KeyNames) {
    this.#connection = connection;
    this.#keyNames = keyNames;
  }

  /**
   * One command; on a cluster, one per id in parallel. Ids are spread over all nodes, because in
   * a single slot they would send every check of the application to the same node.
   */
  async isRevoked(ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return false;
    const keys = ids.map((id) => this.#keyNames.blocklist(id));
    const groups = this.#connection.client.isCluster ? keys.map((key) => [key]) : [keys];
    const counts = await Promise.all(
      groups.map((group) => this.#connection.run(countListed, group, [])),
    );
    return counts.map(numberOf).some((count) => count > 0);
  }

  async revoke(id: string, expiresAt: number): Promise<void> {
    await this.#connection.run(block, [this.#keyNames.blocklist(id)], [expiresAt]);
  }

  /** Always 0: the server removes expired ids itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}
