import type { ServerProcess } from './server-process.ts';
import type { Stoppable } from './start-together.ts';
import { removeTemporaryFolder } from './temporary-folder.ts';

/** What it takes to reach a database. */
export interface DatabaseAddress {
  readonly protocol: 'postgres' | 'mysql';
  readonly port: number;
  /** Needs no password. */
  readonly user: string;
  readonly database: string;
}

/** A throw-away SQL server on 127.0.0.1. */
export class DatabaseServer implements Stoppable {
  readonly host: string = '127.0.0.1';
  readonly port: number;
  /** Of the superuser, who needs no password. */
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

  /** Ends it at once (`SIGKILL`). What was committed stays for {@link DatabaseServer.restart}. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Starts it again on the same port and data. */
  async restart(): Promise<void> {
    await this.#process.stop();
    await this.#process.start();
  }

  /** Stops its time (`SIGSTOP`); on PostgreSQL only that of the process that takes connections. */
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
