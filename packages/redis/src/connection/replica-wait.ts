import { shardOfId } from '../key-names.ts';
import type { RedisWaiter } from './client.ts';
import { asPawlError } from './connection.ts';

export interface ReplicaWaitOptions {
  /** A connection that nothing else uses: `WAIT` holds up all that comes after it. */
  readonly client: RedisWaiter & { readonly isCluster: boolean };
  /** How many replicas have to have a write before it is acknowledged. */
  readonly replicas: number;
  /** In ms. Default 1,000. */
  readonly timeout?: number;
}

/**
 * Waits until replicas have what was written before the call.
 *
 * `WAIT` waits for the last write *of its own connection*. So a small write is
 * sent ahead of it: a replica that has that one has everything before it. Calls
 * that come while one `WAIT` is under way share the next one.
 */
export class ReplicaWait {
  readonly #options: ReplicaWaitOptions;
  readonly #prefix: string;
  /** By the node that is asked: the wait that has not been sent yet. */
  readonly #next = new Map<string, Promise<void>>();
  readonly #last = new Map<string, Promise<void>>();

  constructor(options: ReplicaWaitOptions, prefix: string) {
    this.#options = options;
    this.#prefix = prefix;
  }

  /** @throws StoreUnavailableError if too few replicas have it in time. */
  wait(id: string): Promise<void> {
    // On a cluster each slot may be another node's.
    const shard = this.#options.client.isCluster ? shardOfId(id) : '';
    const waiting = this.#next.get(shard);
    if (waiting) return waiting;
    const last = this.#last.get(shard) ?? Promise.resolve();
    const next = last
      .catch(() => undefined)
      .then(() => {
        this.#next.delete(shard);
        this.#last.set(shard, next);
        return this.#ask(shard);
      })
      .finally(() => {
        if (this.#last.get(shard) === next) this.#last.delete(shard);
      });
    this.#next.set(shard, next);
    return next;
  }

  async #ask(shard: string): Promise<void> {
    const { client, replicas, timeout = 1_000 } = this.#options;
    try {
      const replies = await client
        .pipeline([
          ['set', `${this.#prefix}w{${shard}}`, '', 'PX', 1_000],
          ['wait', replicas, timeout],
        ])
        .exec();
      for (const [error] of replies ?? []) if (error) throw error;
      const reached = Number(replies?.[1]?.[1]);
      if (!(reached >= replicas)) {
        throw new Error(`${reached} of ${replicas} replicas have the write after ${timeout} ms`);
      }
    } catch (error) {
      throw asPawlError(error);
    }
  }
}
