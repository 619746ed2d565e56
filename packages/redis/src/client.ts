/**
 * What the store needs of a client. An ioredis `Redis` or `Cluster` fits as it
 * is; none of ioredis' own types appears in this package's.
 */
export interface RedisClient {
  readonly isCluster: boolean;
  readonly status?: string;
  callBuffer(command: string, args: (string | Buffer | number)[]): Promise<unknown>;
  on?(event: 'close', listener: () => void): unknown;
  on?(event: '+node', listener: (node: RedisClient) => void): unknown;
  /** Of a Cluster: the connections that there are. */
  nodes?(role?: 'master'): readonly RedisClient[];
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
