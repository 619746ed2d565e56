import { connect } from 'node:net';
import { DatabaseServer } from './database-server.ts';
import { freePort } from './free-port.ts';
import { type Program, provideProgram } from './program.ts';
import { runProgram } from './run-program.ts';
import { ServerProcess } from './server-process.ts';
import { createTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';

const mariadbProgram = (name: string): Program => ({
  names: [name],
  folders: ['/usr/bin'],
  debianPackage: 'mariadb-server',
});

/** MariaDB refuses to run as root. */
const account = 'mysql';

/** Options of {@link startMariadb}. */
export interface MariadbOptions {
  /** Whether a commit waits for the disk. A `kill` loses nothing either way. Default: false. */
  readonly fsync?: boolean | undefined;
  /** Server options by name. They replace the defaults of this function. */
  readonly config?: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts a throw-away MariaDB server on a free port, with an empty database `test`. Installs MariaDB
 * first if it is missing and this process runs as root on Debian.
 *
 * @throws {Error} if the program is missing or the server is not ready within 30 s
 * @example
 * const server = await startMariadb();
 * // … connect to server.url …
 * await server.stop();
 */
export const startMariadb = async (options: MariadbOptions = {}): Promise<DatabaseServer> => {
  const [server, install] = [
    await provideProgram(mariadbProgram('mariadbd')),
    await provideProgram(mariadbProgram('mariadb-install-db')),
  ];
  const port = await freePort();
  const folder = await createTemporaryFolder('mariadb', account);
  // Ignores the machine's own configuration, and gives both programs the same settings.
  const common = [
    '--no-defaults',
    `--datadir=${folder}/data`,
    // The account may not be allowed to use the caller's temporary folder.
    `--tmpdir=${folder}`,
    '--innodb-log-file-size=16M',
  ];
  const serverProcess = new ServerProcess({
    name: `mariadb on port ${port}`,
    command: server,
    args: [...common, ...settings({ ...defaults(port, folder, options), ...options.config })],
    folder,
    account,
    isReady: () => acceptsClients(port),
  });
  try {
    const kind = ['--auth-root-authentication-method=normal', '--skip-name-resolve', '--force'];
    await runProgram(install, [...common, ...kind], { account, folder });
    await serverProcess.start();
  } catch (error) {
    await removeTemporaryFolder(folder);
    throw error;
  }
  const address = { protocol: 'mysql', port, user: 'root', database: 'test' } as const;
  return new DatabaseServer(address, folder, serverProcess);
};

const defaults = (
  port: number,
  folder: string,
  { fsync = false }: MariadbOptions,
): Readonly<Record<string, string>> => ({
  port: `${port}`,
  'bind-address': '127.0.0.1',
  socket: `${folder}/mariadb.sock`,
  'pid-file': `${folder}/mariadb.pid`,
  'skip-name-resolve': '1',
  'max-connections': '200',
  // 2: hands the log to the system at each commit and flushes it to disk once per second.
  'innodb-flush-log-at-trx-commit': fsync ? '1' : '2',
});

const settings = (config: Readonly<Record<string, string>>): string[] =>
  Object.entries(config).map(([name, value]) => `--${name}=${value}`);

/** Returns whether the server greets a client. */
const acceptsClients = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    // The greeting begins with the protocol version, an error with 255.
    socket.once('data', (greeting) => settle(greeting[4] === 10));
  });
