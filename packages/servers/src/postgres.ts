import { connect } from 'node:net';
import { DatabaseServer } from './database-server.ts';
import { freePort } from './free-port.ts';
import { type Program, provideProgram } from './program.ts';
import { runProgram } from './run-program.ts';
import { ServerProcess } from './server-process.ts';
import { createTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';

const postgresProgram = (name: string): Program => ({
  names: [name],
  folders: ['/usr/lib/postgresql/*/bin'],
  debianPackage: 'postgresql',
});

/** PostgreSQL refuses to run as root. */
const account = 'postgres';

/** Options of {@link startPostgres}. */
export interface PostgresOptions {
  /**
   * Whether a commit waits for the disk. Without it a power cut (not a `kill`) may lose the last
   * commits. Default: false.
   */
  readonly fsync?: boolean | undefined;
  /** Settings of `postgresql.conf` by name. They replace the defaults of this function. */
  readonly config?: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts a throw-away PostgreSQL server on a free port. The library `pg_stat_statements` is loaded, so
 * the extension can be created. Installs PostgreSQL first if it is missing and this process runs as
 * root on Debian.
 *
 * @throws {Error} if the program is missing or the server is not ready within 30 s
 * @example
 * const server = await startPostgres();
 * // … connect to server.url …
 * await server.stop();
 */
export const startPostgres = async (options: PostgresOptions = {}): Promise<DatabaseServer> => {
  const [initdb, postgres] = [
    await provideProgram(postgresProgram('initdb')),
    await provideProgram(postgresProgram('postgres')),
  ];
  const port = await freePort();
  const folder = await createTemporaryFolder('postgres', account);
  const serverProcess = new ServerProcess({
    name: `postgres on port ${port}`,
    command: postgres,
    args: [
      '-D',
      `${folder}/data`,
      ...settings({ ...defaults(port, folder, options), ...options.config }),
    ],
    folder,
    account,
    isReady: () => acceptsClients(port),
    // A "fast" shutdown ends connections instead of waiting for them.
    stopSignal: 'SIGINT',
  });
  try {
    const data = ['-D', `${folder}/data`, '-A', 'trust', '-U', 'postgres'];
    await runProgram(initdb, [...data, '-E', 'UTF8', '--locale=C', '--no-sync'], {
      account,
      folder,
    });
    await serverProcess.start();
  } catch (error) {
    await removeTemporaryFolder(folder);
    throw error;
  }
  const address = { protocol: 'postgres', port, user: 'postgres', database: 'postgres' } as const;
  return new DatabaseServer(address, folder, serverProcess);
};

const defaults = (
  port: number,
  folder: string,
  { fsync = false }: PostgresOptions,
): Readonly<Record<string, string>> => ({
  port: `${port}`,
  listen_addresses: '127.0.0.1',
  unix_socket_directories: folder,
  fsync: fsync ? 'on' : 'off',
  max_connections: '200',
  shared_preload_libraries: 'pg_stat_statements',
});

const settings = (config: Readonly<Record<string, string>>): string[] =>
  Object.entries(config).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

const protocol3 = 0x00_03_00_00;

/**
 * Returns whether the server accepts a client: it replies to a start message with `R` (authentication),
 * or with `E` while it recovers.
 */
const acceptsClients = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const body = Buffer.from('user\0postgres\0database\0postgres\0\0');
    const start = Buffer.alloc(8);
    start.writeInt32BE(body.length + 8, 0);
    start.writeInt32BE(protocol3, 4);
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([start, body])));
    const settle = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    socket.once('data', (reply) => settle(reply.toString('latin1', 0, 1) === 'R'));
  });
