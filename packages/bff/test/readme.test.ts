import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { generateSecret } from '@pawl/core';
import { freePort } from '@pawl/servers';
import { expect, test } from 'vitest';
import { type Answer, exchange } from './exchange.ts';

const example = fileURLToPath(new URL('./readme-example.ts', import.meta.url));

const respondToErrors = async (url: string, headers: Record<string, string>): Promise<Answer> => {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await exchange(url, { headers }).catch(() => null);
    if (answer) return answer;
    await setTimeout(100);
  }
  throw new Error(`nothing listens on ${url}`);
};

test('the example in the README equals readme-example.ts, and it runs', {
  timeout: 60_000,
}, async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  expect(readme).toContain(readFileSync(example, 'utf8').trim());

  const port = await freePort();
  const service = spawn(process.execPath, ['--conditions=@pawl/source', example], {
    env: { ...process.env, PORT: String(port), PAWL_SECRET: generateSecret() },
    stdio: 'inherit',
  });
  try {
    const origin = `http://localhost:${port}`;
    const page = { 'x-bff': '1', origin };
    const session = await respondToErrors(`${origin}/bff/session`, page);
    expect([session.status, session.json()]).toEqual([200, { authenticated: false }]);
    expect((await exchange(`${origin}/orders`, { headers: page })).status).toBe(401);
  } finally {
    service.kill();
    await once(service, 'exit');
  }
});
