import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface Run {
  readonly status: number | null;
  readonly output: string;
}

/** Runs the program in a separate process, with a password on its standard input. */
export const runProgram = async (
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
  password = '',
): Promise<Run> => {
  const main = join(import.meta.dirname, '../src/main.ts');
  const child = spawn(process.execPath, ['--conditions=@pawl/source', main, ...args], {
    env: { ...process.env, ...environment },
  });
  child.stdin.end(`${password}\n`);
  const status = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, output: `${out}${errors}` };
};
