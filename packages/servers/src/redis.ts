import { freePort } from './free-port.ts';
import { type Program, provideProgram } from './program.ts';
import { type RedisReply, sendRedisCommand } from './resp.ts';
import { ServerProcess } from './server-process.ts';
import type { Stoppable } from './start-together.ts';
import { createTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';

/** Options of {@link startRedis}. */
export interface RedisOptions {
  /** When the append-only file is flushed to disk (`appendfsync`). Default: data is not persisted. */
  readonly appendOnly?: 'always' | 'everysec' | 'no' | undefined;
  /** More settings by name, for example `{ 'maxmemory-policy': 'allkeys-lru' }`. */
  readonly config?: Readonly<Record<string, string>> | undefined;
}

const redisProgram: Program = {
  names: ['redis-server', 'valkey-server'],
  debianPackage: 'redis-server',
};

/**
 * A throw-away Redis or Valkey server on 127.0.0.1. `startRedis` returns one.
 *
 * @example
 * const redis = await startRedis();
 * await redis.command('CONFIG', 'RESETSTAT');
 * await redis.stop();
 */
export class RedisServer implements Stoppable {
  readonly host: string = '127.0.0.1';
  readonly port: number;
  readonly #folder: string;
  readonly #process: ServerProcess;

  constructor(port: number, folder: string, serverProcess: ServerProcess) {
    this.port = port;
    this.#folder = folder;
    this.#process = serverProcess;
  }

  /** The connection URL, for example `redis://127.0.0.1:21000`. */
  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  /** Sends one command over a new connection and returns the reply. Throws an error reply. */
  command(...parts: readonly (string | number)[]): Promise<RedisReply> {
    return sendRedisCommand(this.port, ...parts);
  }

  /** Like {@link RedisServer.command}, for commands that reply with a string. */
  async text(...parts: readonly (string | number)[]): Promise<string> {
    const reply = await this.command(...parts);
    if (typeof reply === 'string') return reply;
    throw new Error(`${parts.join(' ')} did not reply with a string`);
  }

  /** Kills the server (`SIGKILL`). Persisted data is kept for {@link RedisServer.restart}. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Stops the server if it runs, and starts it again on the same port and data. */
  async restart(): Promise<void> {
    await this.#process.stop();
    await this.#process.start();
  }

  /** Suspends the server (`SIGSTOP`): connections stay open and get no reply. */
  pause(): void {
    this.#process.pause();
  }

  /** Resumes a paused server (`SIGCONT`). */
  resume(): void {
    this.#process.resume();
  }

  /** Stops the server and removes its data. */
  async stop(): Promise<void> {
    await this.#process.stop();
    await removeTemporaryFolder(this.#folder);
  }
}

/**
 * Starts a Redis (or Valkey) server on a free port. Installs Redis first if it is missing and this
 * process runs as root on Debian.
 *
 * @throws {Error} if the program is missing or the server is not ready within 30 s
 * @example
 * const redis = await startRedis({ appendOnly: 'always' });
 * // … connect to redis.url …
 * await redis.stop();
 */
export const startRedis = async (options: RedisOptions = {}): Promise<RedisServer> => {
  const { appendOnly, config } = options;
  return startRedisWith(await freePort(), (folder) => [
    ...settings({
      appendonly: appendOnly ? 'yes' : 'no',
      appendfsync: appendOnly ?? 'no',
      save: '',
      dir: folder,
      ...config,
    }),
  ]);
};

/** Starts the Redis program with the arguments that `argsIn` returns for its data folder. */
export const startRedisWith = async (
  port: number,
  argsIn: (folder: string) => readonly string[] | Promise<readonly string[]>,
): Promise<RedisServer> => {
  const command = await provideProgram(redisProgram);
  const folder = await createTemporaryFolder('redis');
  const serverProcess = new ServerProcess({
    name: `redis on port ${port}`,
    command,
    args: [...(await argsIn(folder)), ...settings({ port: `${port}`, bind: '127.0.0.1' })],
    folder,
    isReady: async () => (await sendRedisCommand(port, 'PING')) === 'PONG',
  });
  try {
    await serverProcess.start();
  } catch (error) {
    await removeTemporaryFolder(folder);
    throw error;
  }
  return new RedisServer(port, folder, serverProcess);
};

const settings = (config: Readonly<Record<string, string>>): string[] =>
  Object.entries(config).flatMap(([name, value]) => [`--${name}`, value]);

/**
 * Waits until `holds` returns true. An error that it throws counts as false.
 *
 * @param what describes the condition in the error message
 * @param timeout in ms
 */
export const waitUntil = async (
  holds: () => Promise<boolean>,
  what: string,
  timeout: number = 30_000,
): Promise<void> => {
  const deadline = Date.now() + timeout;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not true within ${timeout} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
};
