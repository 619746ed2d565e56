import type { RedisSubscriber } from './connection/client.ts';
import type { ReplicaWaitOptions } from './connection/replica-wait.ts';

/** Options of `createRedisStore`. All are optional. */
export interface RedisStoreOptions {
  /** Prefix of all key names and of the feed's channel, without braces. Default `pawl:`. */
  readonly prefix?: string | undefined;
  /**
   * A connection that nothing else uses, such as `client.duplicate()`; it receives the revocations
   * of other nodes. Without it `sessions.subscribe` is absent. The application closes it.
   */
  readonly subscriber?: RedisSubscriber | undefined;
  /**
   * How often the feed checks itself with a message to its own channel, in ms: 10 to 60,000, or 0.
   * The feed counts as broken after three times this long without a message; with 0, only when
   * its connection closes. Default 1,000.
   */
  readonly heartbeat?: number | undefined;
  /**
   * Acknowledges a login, a rotation, a step-up or a revocation only when this many replicas have
   * it; otherwise the call fails and can be repeated. Default: no waiting, so a failover may lose
   * the last writes.
   */
  readonly wait?: ReplicaWaitOptions | undefined;
  /**
   * How long a revocation is remembered, in ms: 0 to 600,000. It is repeated when a server returns
   * that may have lost it. With `appendfsync everysec` a power cut loses up to two seconds; a
   * failover loses what had not reached the replica; a partitioned master loses all writes until
   * Sentinel demotes it. 0 disables the memory. Default 60,000.
   */
  readonly revocationMemory?: number | undefined;
  /**
   * Allows a server that evicts keys when its memory is full. Eviction logs users out and undoes
   * revocations. Default false: such a server is refused.
   */
  readonly dangerouslyAllowEviction?: boolean | undefined;
}
