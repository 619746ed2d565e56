import { spawn } from 'node:child_process';
import { commandLine } from './account.ts';

/** Runs a program (for example `initdb`) until it ends and returns its output. Throws if it fails. */
export const runProgram = (
  command: string,
  args: readonly string[],
  options: { readonly account?: string; readonly folder?: string } = {},
): Promise<string> => {
  const [file, rest] = commandLine(command, args, options.account);
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, { cwd: options.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(output);
      else
        reject(
          new Error(`${command} failed with status ${status}: ${output.trim().slice(-2_000)}`),
        );
    });
  });
};
