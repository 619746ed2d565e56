import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const example = fileURLToPath(new URL('./readme-example.ts', import.meta.url));

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const answering = async (url: string): Promise<void> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const ready = await fetch(url).then(
      () => true,
      () => false,
    );
    if (ready) return;
    await setTimeout(100);
  }
  throw new Error(`nothing listens on ${url}`);
};

test('the example of the README is this file, and it runs', { timeout: 30_000 }, async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  expect(readme).toContain(readFileSync(example, 'utf8').trim());

  const port = await freePort();
  const service = spawn(process.execPath, ['--conditions=@pawl/source', example], {
    env: { ...process.env, PORT: String(port) },
    stdio: 'inherit',
  });
  try {
    const origin = `http://localhost:${port}`;
    await answering(origin);
    const login = await fetch(`${origin}/login`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ann', password: 'open sesame' }),
    });
    expect(login.status).toBe(200);
    const cookie = login.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const me = await fetch(`${origin}/me`, { headers: { cookie } });
    expect(await me.json()).toEqual({ user: 'ann' });
    expect(await (await fetch(origin, { headers: { cookie } })).text()).toBe('Hello, ann');
    const gone = await fetch(`${origin}/everything`, {
      method: 'DELETE',
      headers: { cookie, origin },
    });
    expect(await gone.text()).toBe('gone');
    const logout = await fetch(`${origin}/auth/logout`, {
      method: 'POST',
      headers: { cookie, origin },
    });
    expect(logout.status).toBe(204);
    expect((await fetch(`${origin}/me`, { headers: { cookie } })).status).toBe(401);
  } finally {
    service.kill();
    await once(service, 'exit');
  }
});
