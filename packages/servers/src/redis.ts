import { freePort } from './free-port.ts';
import { type Program, provideProgram } from './program.ts';
import { type RedisReply, sendRedisCommand } from './resp.ts';
import { ServerProcess } from './server-process.ts';
import type { Stoppable } from './start-together.ts';
import { createTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';

export interface RedisOptions {
  /** Whether and how it keeps its data on disk (`appendfsync`). Default: not at all. */
  readonly appendOnly?: 'always' | 'everysec' | 'no';
  /** More of its configuration, as in `{ 'maxmemory-policy': 'allkeys-lru' }`. */
  readonly config?: Readonly<Record<string, string>>;
}

const redisProgram: Program = {
  names: ['redis-server', 'valkey-server'],
  debianPackage: 'redis-server',
};

/** A throw-away Redis or Valkey on 127.0.0.1. */
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

  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  /** Sends a command on a connection of its own. */
  command(...parts: readonly (string | number)[]): Promise<RedisReply> {
    return sendRedisCommand(this.port, ...parts);
  }

  /** As {@link RedisServer.command}, for the commands that answer a text. */
  async text(...parts: readonly (string | number)[]): Promise<string> {
    const reply = await this.command(...parts);
    if (typeof reply === 'string') return reply;
    throw new Error(`${parts.join(' ')} answered no text`);
  }

  /** Ends it at once (`SIGKILL`). Its data stay for {@link RedisServer.restart}. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Starts it again on the same port and data. */
  async restart(): Promise<void> {
    await this.#process.stop();
    await this.#process.start();
  }

  /** Stops its time (`SIGSTOP`): connections stay open and nothing is answered. */
  pause(): void {
    this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    await removeTemporaryFolder(this.#folder);
  }
}

/** Starts a Redis (or Valkey) on a free port. */
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

/** Starts the program with arguments of any kind: a server, a node, a sentinel. */
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

/** Waits until something holds, for a set-up that several servers have to agree on. */
export const waitUntil = async (
  holds: () => Promise<boolean>,
  what: string,
  timeout: number = 30_000,
): Promise<void> => {
  const deadline = Date.now() + timeout;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not within ${timeout} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
};
