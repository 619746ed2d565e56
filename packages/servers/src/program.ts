import { spawn } from 'node:child_process';
import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isRoot } from './account.ts';

/** A program that a test needs, and where it comes from. */
export interface Program {
  /** Any of these will do. */
  readonly names: readonly string[];
  /** Folders to look in besides `PATH`; `*` stands for any name, and the last match wins. */
  readonly folders?: readonly string[];
  /** The Debian package that has it. */
  readonly debianPackage: string;
}

/**
 * The path of a program. One that is missing is installed where that may be
 * done (root on Debian); elsewhere it is an error of one line that says what
 * to install, because a test that is skipped in silence proves nothing.
 */
export const provideProgram = async (program: Program): Promise<string> => {
  const found = findProgram(program);
  if (found) return found;
  if (!isRoot() || !findProgram({ ...program, names: ['apt-get'] })) throw missing(program);
  const problem = await install(program.debianPackage);
  const installed = findProgram(program);
  if (!installed) throw missing(program, problem);
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

const missing = ({ names, debianPackage }: Program, problem?: string): Error =>
  new Error(
    `${names.join(' or ')} is missing: install it (on Debian: apt-get install ${debianPackage})` +
      (problem ? `; installing it failed: ${problem}` : ''),
  );

/** Other test processes may want the same package at this moment: the lock is for them. */
const lock = '/tmp/pawl-apt.lock';

const install = (debianPackage: string): Promise<string> => {
  const script = `exec 9>${lock}
  flock 9
  apt-get update -qq &&
  apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 ${debianPackage}`;
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', script], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // In runlevel 1 the package does not start a server of its own.
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
