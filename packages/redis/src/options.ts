import type { RedisSubscriber } from './connection/client.ts';
import type { ReplicaWaitOptions } from './connection/replica-wait.ts';

/** Everything that `createRedisStore` can be told. Nothing is needed. */
export interface RedisStoreOptions {
  /** What all keys, and the channel of the feed, begin with; no braces. Default `pawl:`. */
  readonly prefix?: string;
  /**
   * A connection that nothing else uses, to hear of revocations on other nodes:
   * `client.duplicate()`. Without it `sessions.subscribe` is absent. The caller
   * closes it.
   */
  readonly subscriber?: RedisSubscriber;
  /**
   * In ms: how often the feed proves that it works. It counts as broken when it
   * is silent for three times as long. 0: only a closed connection breaks it.
   * Default 1,000.
   */
  readonly heartbeat?: number;
  /**
   * Acknowledge a login, a rotation, a step-up and a revocation only when so many
   * replicas have it; else the call fails, and can be repeated. Default: do not wait,
   * so that a failover may lose the last moments.
   */
  readonly wait?: ReplicaWaitOptions;
  /**
   * In ms: how long a revocation is remembered, to be done again when a server comes
   * back that may have lost it: `appendfsync everysec` loses up to two seconds with
   * the power, a failover what had not reached the replica, a master that was cut off
   * all that it took until a Sentinel reached it. 0: not at all. Default 60,000.
   */
  readonly revocationMemory?: number;
  /**
   * Use a server that drops keys when its memory is full, although that logs
   * users out and undoes revocations. Default false: such a server is refused.
   */
  readonly dangerouslyAllowEviction?: boolean;
}
