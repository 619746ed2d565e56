/** An argument of a script or a command. */
export type Argument = string | Buffer | number;

/**
 * The part of a Redis client that the store uses. An ioredis `Redis` or `Cluster` has this shape,
 * with or without `enableAutoPipelining`. This package's types do not mention ioredis' own types.
 */
export interface RedisClient {
  /** Whether the client is a `Cluster`. */
  readonly isCluster: boolean;
  /** `end` after the application has closed the client. */
  readonly status?: string | undefined;
  /** A `keyPrefix` is refused: scripts build key names that the client cannot prefix. */
  readonly options?: RedisClientOptions | undefined;
  // Called by their own names, because ioredis' `call` ends the process when auto-pipelining is
  // on. Every ioredis client has these two methods, although its types do not declare them.
  readonly evalshaBuffer?: RunScript | undefined;
  readonly evalBuffer?: RunScript | undefined;
  publish(channel: string, message: string): Promise<number>;
  info(section: string): Promise<string>;
  readonly on?: ListenToClient | undefined;
  readonly off?: ListenToClient | undefined;
  /** With `true` the client connects again. */
  readonly disconnect?: ((reconnect?: boolean) => void) | undefined;
  /** Only on a Cluster: returns the connections to its nodes. */
  readonly nodes?: ((role?: 'master') => readonly RedisClient[]) | undefined;
}

/** The options of a client that would take a guarantee of the store away. */
export interface RedisClientOptions {
  readonly keyPrefix?: string | undefined;
  readonly stringNumbers?: boolean | undefined;
  readonly monitor?: boolean | undefined;
  readonly role?: string | undefined;
  readonly scaleReads?: unknown;
  readonly redisOptions?: object | undefined;
}

/** Runs a script, given by its SHA-1 or its source. */
type RunScript = (script: string, keyCount: number, ...rest: Argument[]) => Promise<unknown>;

interface ListenToClient {
  (event: 'close', listener: () => void): unknown;
  (event: '+node', listener: (node: RedisClient) => void): unknown;
}

/** A client that is known to run scripts. */
export interface ScriptingClient extends RedisClient {
  readonly evalshaBuffer: RunScript;
  readonly evalBuffer: RunScript;
}

/** Whether a client can run scripts. */
export const canScript = (client: RedisClient | undefined): client is ScriptingClient =>
  typeof client?.evalshaBuffer === 'function' && typeof client.evalBuffer === 'function';

/**
 * The part of a client that the revocation feed uses; an ioredis `Redis` or `Cluster` has this
 * shape. The connection must not be used for anything else: in subscriber mode it accepts no
 * other commands.
 */
export interface RedisSubscriber {
  readonly status: string;
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  on(event: 'messageBuffer', listener: (channel: Buffer, message: Buffer) => void): unknown;
  on(event: 'ready' | 'close', listener: () => void): unknown;
  off(event: 'messageBuffer', listener: (channel: Buffer, message: Buffer) => void): unknown;
  off(event: 'ready' | 'close', listener: () => void): unknown;
}

/**
 * The part of a client that waits for replicas; an ioredis `Redis` or `Cluster` has this shape.
 * The connection must not be used for anything else.
 */
export interface RedisWaiter {
  pipeline(commands: (string | number)[][]): {
    exec(): Promise<[error: Error | null, result?: unknown][] | null>;
  };
  /** With `true` the client connects again. */
  readonly disconnect?: ((reconnect?: boolean) => void) | undefined;
}
