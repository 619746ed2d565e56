import { spawnSync } from 'node:child_process';

/**
 * Returns a command line whose process ends with the process that started it, even if that one is
 * killed (Linux only). If this process runs as root, the command runs under `account`: PostgreSQL and
 * MariaDB refuse to run as root. Any other user starts the server as itself.
 */
export const commandLine = (
  command: string,
  args: readonly string[],
  account?: string,
): [command: string, args: string[]] => {
  if (process.platform !== 'linux') return [command, [...args]];
  const other =
    account !== undefined && isRoot()
      ? [`--reuid=${account}`, `--regid=${account}`, '--clear-groups']
      : [];
  return ['setpriv', ['--pdeathsig', 'TERM', ...other, command, ...args]];
};

/** Returns whether this process runs as root. */
export const isRoot = (): boolean => process.getuid?.() === 0;

/** Returns the user and group id of an account of this machine. Throws if there is none. */
export const readAccountIds = (account: string): { uid: number; gid: number } => {
  const id = (option: string): number => {
    const { status, stdout } = spawnSync('id', [option, account], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`this machine has no account named "${account}"`);
    return Number(stdout);
  };
  return { uid: id('-u'), gid: id('-g') };
};
