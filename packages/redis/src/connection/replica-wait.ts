import { shardOfId } from '../key-names.ts';
import type { RedisWaiter } from './client.ts';
import { asPawlError, isReply } from './connection.ts';

/** How many replicas must confirm a write, and how long to wait for them. */
export interface ReplicaWaitOptions {
  /** A connection that nothing else uses, because `WAIT` blocks every command after it. */
  readonly client: RedisWaiter & { readonly isCluster: boolean };
  /** How many replicas must have a write before it is acknowledged. At least 1. */
  readonly replicas: number;
  /** How long to wait for the replicas, in ms. Default 1,000. */
  readonly timeout?: number | undefined;
}

/**
 * Waits until replicas have everything that was written before the call.
 *
 * `WAIT` waits for the last write of *its own connection*. Therefore a small write is sent
 * before it: a replica that has this write has all earlier writes too. Calls that arrive while
 * a `WAIT` is running share the next one.
 */
export class ReplicaWait {
  readonly #options: ReplicaWaitOptions;
  readonly #prefix: string;
  /** The wait that has not been sent yet, by shard. */
  readonly #next = new Map<string, Promise<void>>();
  /** The wait that was sent last, by shard. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(options: ReplicaWaitOptions, prefix: string) {
    this.#options = options;
    this.#prefix = prefix;
  }

  /**
   * @param id a session id or its shard
   * @throws StoreUnavailableError if too few replicas confirm in time
   */
  wait(id: string): Promise<void> {
    // On a cluster, each shard may be on a different node.
    const shard = this.#options.client.isCluster ? shardOfId(id) : '';
    const waiting = this.#next.get(shard);
    if (waiting) return waiting;
    const last = this.#last.get(shard) ?? Promise.resolve();
    const next = last
      .catch(() => undefined)
      .then(() => {
        this.#next.delete(shard);
        this.#last.set(shard, next);
        return this.#sendWait(shard);
      })
      .finally(() => {
        if (this.#last.get(shard) === next) this.#last.delete(shard);
      });
    this.#next.set(shard, next);
    return next;
  }

  async #sendWait(shard: string): Promise<void> {
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
      // The server has become a replica, and the connection would stay there.
      if (isReply(error, /READONLY/)) client.disconnect?.(true);
      throw asPawlError(error);
    }
  }
}
