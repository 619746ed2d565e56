import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Lets all temporary files of the run, the servers' too, be in one folder, which
 * goes with the process, also when it is interrupted.
 */
export const keepTogether = (): void => {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-run-'));
  // Servers run under accounts of their own.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(1));
  }
};
