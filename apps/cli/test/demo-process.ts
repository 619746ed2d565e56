import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@pawl/servers';

/** The demo in a separate process. */
export interface DemoProcess {
  readonly url: string;
  /** The lines of its log. */
  readonly lines: readonly string[];
  readonly stop: () => Promise<void>;
}

const demo = join(import.meta.dirname, '../../demo');

/** Starts a demo with a memory store. @param accessTokenLifetime in seconds */
export const startDemoProcess = async (accessTokenLifetime: number): Promise<DemoProcess> => {
  const port = await freePort();
  const child = spawn(process.execPath, ['--conditions=@pawl/source', 'src/main.ts'], {
    cwd: demo,
    env: {
      ...process.env,
      PORT: `${port}`,
      STORE: 'memory',
      RATE_LIMITS: 'off',
      ACCESS_TOKEN_LIFETIME: `${accessTokenLifetime}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const ended = once(child, 'exit');
  const output = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve, reject) => {
    output.on('line', (line) => {
      lines.push(line);
      if (line.startsWith('The demo listens')) resolve();
    });
    void ended.then(() => reject(new Error('the demo has ended')));
  });
  await ready;
  return {
    url: `http://localhost:${port}`,
    lines,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};
