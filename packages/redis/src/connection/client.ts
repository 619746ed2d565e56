/** What a script is given, or a command. */
export type Argument = string | Buffer | number;

/**
 * What the store needs of a client. An ioredis `Redis` or `Cluster` fits as it
 * is, `enableAutoPipelining` or not; none of ioredis' own types appears in this package's.
 */
export interface RedisClient {
  readonly isCluster: boolean;
  readonly status?: string;
  /** A `keyPrefix` is refused: scripts find keys that the client does not see. */
  readonly options?: {
    readonly keyPrefix?: string | undefined;
    readonly redisOptions?: { readonly keyPrefix?: string | undefined } | undefined;
  };
  // Each by its own name: with auto-pipelining, `call` of ioredis ends the process. These two
  // every client of ioredis has, though its types do not tell.
  evalshaBuffer?(sha: string, keyCount: number, ...rest: Argument[]): Promise<unknown>;
  evalBuffer?(script: string, keyCount: number, ...rest: Argument[]): Promise<unknown>;
  set(key: string, value: string, unit: 'PX', ttl: number, when: 'NX'): Promise<unknown>;
  getdel(key: string): Promise<string | null>;
  exists(...keys: string[]): Promise<number>;
  publish(channel: string, message: string): Promise<number>;
  info(section: string): Promise<string>;
  on?(event: 'close', listener: () => void): unknown;
  on?(event: '+node', listener: (node: RedisClient) => void): unknown;
  /** Of a Cluster: the connections that there are. */
  nodes?(role?: 'master'): readonly RedisClient[];
}

/** A client that was seen to run scripts. */
export type ScriptingClient = RedisClient &
  Required<Pick<RedisClient, 'evalshaBuffer' | 'evalBuffer'>>;

export const canScript = (client: RedisClient | undefined): client is ScriptingClient =>
  typeof client?.evalshaBuffer === 'function' && typeof client.evalBuffer === 'function';

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
