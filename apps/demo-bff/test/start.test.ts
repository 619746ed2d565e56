import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { freePort } from '@pawl/servers';
import { expect, test } from 'vitest';
import { listening } from '../src/listening.ts';
import { startDemo } from '../src/start.ts';

const freePorts = async (): Promise<{ port: number; providerPort: number; apiPort: number }> => ({
  port: await freePort(),
  providerPort: await freePort(),
  apiPort: await freePort(),
});

test('where a port is taken nothing is left running', async () => {
  const ports = await freePorts();
  await using _taken = await listening(createServer(), ports.port);
  await expect(startDemo({ ...ports, accessTokenLifetime: 10 })).rejects.toThrow('EADDRINUSE');
  await using _provider = await listening(createServer(), ports.providerPort);
  await using _api = await listening(createServer(), ports.apiPort);
});

test('the provider’s own pages take nothing from elsewhere', async () => {
  await using demo = await startDemo({ ...(await freePorts()), accessTokenLifetime: 10 });
  for (const path of ['/auth?client_id=nobody', '/interaction/one-that-is-over']) {
    const response = await fetch(new URL(path, demo.issuer), { headers: { accept: 'text/html' } });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).toContain('The OpenID Connect provider');
  }
});

interface Ended {
  readonly output: string;
  readonly code: number | null;
}

/** The command itself, asked to end as soon as it has said where it is. */
const runCommand = async (environment: Record<string, string>): Promise<Ended> => {
  const child = spawn(
    process.execPath,
    ['--conditions=@pawl/source', join(import.meta.dirname, '../src/main.ts')],
    { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('The page and its BFF are on')) child.kill('SIGTERM');
    });
  }
  await once(child, 'close');
  return { output, code: child.exitCode };
};

test('the command says where everything is, and ends when it is asked to', async () => {
  const { port, providerPort, apiPort } = await freePorts();
  const { output, code } = await runCommand({
    PORT: `${port}`,
    PROVIDER_PORT: `${providerPort}`,
    API_PORT: `${apiPort}`,
  });
  for (const at of [port, providerPort, apiPort]) expect(output).toContain(`:${at}`);
  expect(code).toBe(0);
}, 60_000);

test('a wrong setting is one sentence', async () => {
  const { output, code } = await runCommand({ PORT: 'none' });
  expect(output.trim().split('\n')).toEqual([expect.stringContaining('PORT')]);
  expect(code).toBe(1);
}, 60_000);
