import { assertId, type BlocklistStore, type TokenOrigin } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import { numberOf } from './connection/reply-values.ts';
import type { KeyNames } from './key-names.ts';
import { block, blockBefore, readBlocklist } from './lua/block.ts';

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
  async isRevoked(ids: readonly string[], origin?: TokenOrigin): Promise<boolean> {
    for (const id of ids) assertId('ids', id);
    const listed = ids.map((id): Check => [[this.#keyNames.blocklist(id)], []]);
    const checks = origin
      ? [...listed, [[this.#keyNames.notBefore(origin.subject)], [origin.issuedAt]] as Check]
      : listed;
    if (checks.length === 0) return false;
    const groups = this.#connection.client.isCluster ? checks : [joined(checks)];
    const replies = await Promise.all(
      groups.map(([keys, args]) => this.#connection.run(readBlocklist, keys, args)),
    );
    return replies.map(numberOf).includes(1);
  }

  async revokeBefore(subject: string, notBefore: number, expiresAt: number): Promise<void> {
    assertId('subject', subject);
    const key = this.#keyNames.notBefore(subject);
    await this.#connection.run(blockBefore, [key], [notBefore, expiresAt]);
  }

  async revoke(id: string, expiresAt: number): Promise<void> {
    assertId('id', id);
    await this.#connection.run(block, [this.#keyNames.blocklist(id)], [expiresAt]);
  }

  /** Always 0: the server removes expired ids itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}

/** The keys and arguments of one script. */
type Check = readonly [keys: readonly string[], args: readonly number[]];

const joined = (checks: readonly Check[]): Check => [
  checks.flatMap(([keys]) => keys),
  checks.flatMap(([, args]) => args),
];
