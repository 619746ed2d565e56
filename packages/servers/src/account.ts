import { spawnSync } from 'node:child_process';

/**
 * A command line that ends with the process that started it, also when that is
 * killed; and, for a server that refuses to be root's, under another account.
 * An account is only changed by root; anybody else starts the server as himself.
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

export const isRoot = (): boolean => process.getuid?.() === 0;

/** The ids of an account of this machine. */
export const idsOf = (account: string): { uid: number; gid: number } => {
  const id = (option: string): number => {
    const { status, stdout } = spawnSync('id', [option, account], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`this machine has no account "${account}"`);
    return Number(stdout);
  };
  return { uid: id('-u'), gid: id('-g') };
};
