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

export interface MariadbOptions {
  /** Whether a commit waits for the disk. Default: false; a `kill` loses nothing either way. */
  readonly fsync?: boolean;
  /** Options of the server by name, over the defaults of this one. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Starts a throw-away MariaDB on a free port, with an empty database `test`. */
export const startMariadb = async (options: MariadbOptions = {}): Promise<DatabaseServer> => {
  const [server, install] = [
    await provideProgram(mariadbProgram('mariadbd')),
    await provideProgram(mariadbProgram('mariadb-install-db')),
  ];
  const port = await freePort();
  const folder = await createTemporaryFolder('mariadb', account);
  // Nothing of the machine's own configuration; and what the two programs must agree on.
  const common = [
    '--no-defaults',
    `--datadir=${folder}/data`,
    // The caller's own temporary folder may be closed to the account.
    `--tmpdir=${folder}`,
    '--innodb-log-file-size=16M',
  ];
  const serverProcess = new ServerProcess({
    name: `mariadb on port ${port}`,
    command: server,
    args: [...common, ...settings({ ...defaults(port, folder, options), ...options.config })],
    folder,
    account,
    isReady: () => answers(port),
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
  // 2: written to the system at each commit, to the disk each second.
  'innodb-flush-log-at-trx-commit': fsync ? '1' : '2',
});

const settings = (config: Readonly<Record<string, string>>): string[] =>
  Object.entries(config).map(([name, value]) => `--${name}=${value}`);

/** Whether the server greets a client. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    // The first byte of the greeting is the version of the protocol; an error has 255 there.
    socket.once('data', (greeting) => settle(greeting[4] === 10));
  });
