import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Memory } from './probe.ts';

/** A demo in a separate process, whose memory is measured. */
export interface MeasuredDemo {
  readonly origin: string;
  /**
   * Returns the memory in use after a garbage collection. That also discards compiled code, so
   * measuring often would distort the result.
   */
  readonly memory: () => Promise<Memory>;
  readonly stop: () => Promise<void>;
}

const main = join(import.meta.dirname, '../main.ts');
const probe = join(import.meta.dirname, 'probe.ts');

/** Starts the demo, with its database in `folder` unless STORE is set. */
export const startMeasured = async (folder: string): Promise<MeasuredDemo> => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const child = spawn(
    process.execPath,
    ['--conditions=@pawl/source', '--expose-gc', '--import', probe, main],
    {
      cwd: folder,
      // All users have one address, so limits per client would stop them.
      env: { STORE: 'sqlite:./load.db', ...process.env, PORT: `${port}`, RATE_LIMITS: 'off' },
      // The log is written, as in production, but not read.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  await ready(origin, child);
  return {
    origin,
    memory: async () => {
      child.send('measure');
      const [memory] = (await once(child, 'message')) as [Memory];
      return memory;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const ready = async (origin: string, child: ChildProcess): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error('the demo has ended');
    const response = await fetch(`${origin}/ready`).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
};
