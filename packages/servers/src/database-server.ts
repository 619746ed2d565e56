import type { ServerProcess } from './server-process.ts';
import type { Stoppable } from './start-together.ts';
import { removeTemporaryFolder } from './temporary-folder.ts';

/** The address of a database. */
export interface DatabaseAddress {
  readonly protocol: 'postgres' | 'mysql';
  readonly port: number;
  /** A superuser without a password. */
  readonly user: string;
  readonly database: string;
}

/**
 * A throw-away SQL server on 127.0.0.1. `startPostgres` and `startMariadb` return one.
 *
 * @example
 * const server = await startPostgres();
 * await server.kill();
 * await server.restart(); // the same port, the same data
 * await server.stop();
 */
export class DatabaseServer implements Stoppable {
  readonly host: string = '127.0.0.1';
  readonly port: number;
  /** The connection URL of the superuser, who has no password. */
  readonly url: string;
  readonly #folder: string;
  readonly #process: ServerProcess;

  constructor(address: DatabaseAddress, folder: string, serverProcess: ServerProcess) {
    const { protocol, port, user, database } = address;
    this.port = port;
    this.url = `${protocol}://${user}@${this.host}:${port}/${database}`;
    this.#folder = folder;
    this.#process = serverProcess;
  }

  /** Kills the server (`SIGKILL`). Committed data is kept for {@link DatabaseServer.restart}. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Stops the server if it runs, and starts it again on the same port and data. */
  async restart(): Promise<void> {
    await this.#process.stop();
    await this.#process.start();
  }

  /** Suspends the server (`SIGSTOP`); on PostgreSQL only the process that accepts connections. */
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
