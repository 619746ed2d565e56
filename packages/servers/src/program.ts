import { spawn } from 'node:child_process';
import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isRoot } from './account.ts';

/** A program that a test needs, and the Debian package that provides it. */
export interface Program {
  /** Names of the program; the first one found is used. */
  readonly names: readonly string[];
  /** Folders to search after `PATH`. `*` matches any name; the last match wins. */
  readonly folders?: readonly string[] | undefined;
  /** The Debian package that contains it. */
  readonly debianPackage: string;
}

/**
 * Returns the path of a program. Installs a missing program with `apt-get` if this process runs as root
 * on Debian.
 *
 * @throws {Error} if the program is missing and cannot be installed; the message names the package.
 *   A test that is skipped in silence would prove nothing.
 * @example
 * const chromium = await provideProgram({ names: ['chromium'], debianPackage: 'chromium' });
 */
export const provideProgram = async (program: Program): Promise<string> => {
  const found = findProgram(program);
  if (found) return found;
  if (!isRoot() || !findProgram({ ...program, names: ['apt-get'] })) throw missingProgram(program);
  const problem = await install(program.debianPackage);
  const installed = findProgram(program);
  if (!installed) throw missingProgram(program, problem);
  return installed;
};

const findProgram = ({ names, folders = [] }: Program): string | undefined => {
  const path = (process.env.PATH ?? '').split(delimiter);
  const more = [
    '/usr/local/sbin',
    '/usr/sbin',
    ...folders.flatMap((glob) => globSync(glob).sort()),
  ];
  return [...path, ...more.reverse()]
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable);
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const missingProgram = ({ names, debianPackage }: Program, problem?: string): Error =>
  new Error(
    `${names.join(' or ')} is missing: install it (on Debian: apt-get install ${debianPackage})` +
      (problem ? `; installing it failed: ${problem}` : ''),
  );

/** Held while installing, because other test processes may install the same package. */
const lock = '/tmp/pawl-apt.lock';

const install = (debianPackage: string): Promise<string> => {
  const script = `exec 9>${lock}
  flock 9
  apt-get update -qq &&
  apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 ${debianPackage}`;
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', script], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // In runlevel 1 the package does not start a server.
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', () => resolve(errors.trim().split('\n').at(-1) ?? ''));
  });
};
