/**
 * What the store needs of a client. An ioredis `Redis` or `Cluster` fits as it
 * is; none of ioredis' own types appears in this package's.
 */
export interface RedisClient {
  readonly isCluster: boolean;
  callBuffer(command: string, args: (string | Buffer | number)[]): Promise<unknown>;
}

/** A connection that does nothing but listen: a client in subscriber mode takes no other commands. */
export interface RedisSubscriber {
  readonly status: string;
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  on(event: 'messageBuffer', listener: (channel: Buffer, message: Buffer) => void): unknown;
  on(event: 'ready' | 'close', listener: () => void): unknown;
  off(event: 'messageBuffer', listener: (channel: Buffer, message: Buffer) => void): unknown;
  off(event: 'ready' | 'close', listener: () => void): unknown;
}

/** A connection that does nothing but wait for replicas. */
export interface RedisWaiter {
  pipeline(commands: (string | number)[][]): {
    exec(): Promise<[error: Error | null, result?: unknown][] | null>;
  };
}
