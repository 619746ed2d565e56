import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { freePort } from '@pawl/servers';
import { expect, test } from 'vitest';
import { listen } from '../src/listen.ts';
import { startDemo } from '../src/start.ts';

const freePorts = async (): Promise<{ port: number; providerPort: number; apiPort: number }> => ({
  port: await freePort(),
  providerPort: await freePort(),
  apiPort: await freePort(),
});

test('if a port is in use, nothing is left running', async () => {
  const ports = await freePorts();
  await using _used = await listen(createServer(), ports.port, 'PORT');
  const start = startDemo({ ...ports, accessTokenLifetime: 10 });
  await expect(start).rejects.toThrow('EADDRINUSE');
  // The program prints nothing but this sentence.
  await expect(start).rejects.toMatchObject({
    code: 'ERR_CONFIGURATION',
    option: 'PORT',
    message: expect.stringContaining(`${ports.port} is in use`),
  });
  await using _provider = await listen(createServer(), ports.providerPort, 'PROVIDER_PORT');
  await using _api = await listen(createServer(), ports.apiPort, 'API_PORT');
});

test('the provider’s pages load nothing from other origins', async () => {
  await using demo = await startDemo({ ...(await freePorts()), accessTokenLifetime: 10 });
  for (const path of ['/auth?client_id=nobody', '/interaction/one-that-has-expired']) {
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

/** Runs the command, and ends it as soon as it has printed its addresses. */
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

test('the command prints all addresses, and ends on a signal', async () => {
  const { port, providerPort, apiPort } = await freePorts();
  const { output, code } = await runCommand({
    PORT: `${port}`,
    PROVIDER_PORT: `${providerPort}`,
    API_PORT: `${apiPort}`,
  });
  for (const at of [port, providerPort, apiPort]) expect(output).toContain(`:${at}`);
  expect(code).toBe(0);
}, 60_000);

test('a wrong setting prints one line', async () => {
  const { output, code } = await runCommand({ PORT: 'none' });
  expect(output.trim().split('\n')).toEqual([expect.stringContaining('PORT')]);
  expect(code).toBe(1);
}, 60_000);
