import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';

const main = join(import.meta.dirname, '../../src/main.ts');
/** In ms: a demo that starts although it should not is ended after this time. */
const timeout = 25_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts a demo that is expected to fail. */
const startWith = async (
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly errors: string; readonly output: string }> => {
  const child = spawn(process.execPath, ['--conditions=@pawl/source', main], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0', STORE: 'memory', ...environment },
    timeout,
  });
  const ended = once(child, 'exit');
  const [errors, output] = await Promise.all([text(child.stderr), text(child.stdout)]);
  const [status] = (await ended) as [number];
  return { status, errors, output };
};

const production = {
  NODE_ENV: 'production',
  ORIGIN: 'https://a.example',
  CORS_ORIGIN: 'https://www.a.example',
};

test.concurrent.each([
  [{ STORE: 'redis://:CANARY@127.0.0.1:1' }, /^STORE: cannot be opened: connect ECONNREFUSED .+/],
  [{ STORE: 'redis://:CANARY@[x' }, /^STORE: cannot be opened: .+/],
  [{ STORE: 'postgres://u:CANARY@127.0.0.1:1/x' }, /^STORE: cannot be opened: .*ECONNREFUSED/],
  [{ STORE: 'postgres://u:CANARY@localhost:1/x' }, /^STORE: cannot be opened: .*ECONNREFUSED/],
  [{ STORE: 'mysql://u:CANARY@127.0.0.1:1/x' }, /^STORE: cannot be opened: .*ECONNREFUSED/],
  [{ STORE: 'sqlite:/dev/null/x.db' }, /^STORE: cannot be opened: unable to open database file/],
  [{ STORE: 'sqlite:' }, /^STORE: must name a file/],
  [{ STORE: 'mongodb://u:CANARY@x' }, /^STORE: must be sqlite:<file>, memory, redis/],
  [{ USERS: 'redis://u:CANARY@x' }, /^USERS: must be sqlite:<file>, postgres/],
  [{ STORE: 'sqlite:./a.db', USERS: 'sqlite:./b.db' }, /^USERS: /],
  [{ ORIGIN: 'http://example.com' }, /^ORIGIN: must be https/],
  [{ CORS_ORIGIN: 'http://localhost:3000/' }, /^CORS_ORIGIN: must be an origin/],
  [{ PAWL_SECRET: 'CANARY' }, /^PAWL_SECRET: each needs at least 32/],
  [{ COOKIES: 'session', PRESET: 'strict' }, /^COOKIES: session.* requires a gracePeriod/],
  [{ COOKIES: 'one' }, /^COOKIES: must be one of pair, session/],
  [{ ROTATE_AFTER: '10' }, /^ROTATE_AFTER: requires COOKIES=session/],
  [{ TRUSTED_PROXIES: '10.0.0.0/33' }, /^TRUSTED_PROXIES: /],
  [production, /^PAWL_SECRET: must be set in production/],
  [{ ...production, CORS_ORIGIN: '' }, /^CORS_ORIGIN: must be set in production/],
  [{ ...production, PAWL_SECRET: 'x'.repeat(32), STORE: 'sqlite:' }, /^STORE: must name a file/],
  [
    { PRESET: 'aal3', ACCESS_TOKEN_LIFETIME: '3600' },
    /^ACCESS_TOKEN_LIFETIME: must be shorter than IDLE_TIMEOUT/,
  ],
])(
  '%o prints one sentence and exits with 1',
  { timeout: 30_000 },
  async (environment, sentence) => {
    const { status, errors, output } = await startWith(environment);
    expect(errors).toMatch(sentence);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(`${errors}${output}`).not.toContain('CANARY');
    expect(status).toBe(1);
  },
);

test('a port that is in use is reported', { timeout: 30_000 }, async () => {
  const other = createServer().listen(0);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(await startWith({ PORT: `${port}` })).toEqual({
    status: 1,
    errors: `PORT: ${port} is in use\n`,
    output: '',
  });
  other.close();
});

test('several demos can start at once on a new database', { timeout: 60_000 }, async () => {
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--conditions=@pawl/source', main], {
      cwd: folder,
      env: { PATH: process.env['PATH'], PORT: '0', STORE: 'sqlite:./new.db' },
      timeout,
    }),
  );
  const runs = children.map(async (child) => {
    const ended = once(child, 'exit');
    const [errors, output] = await Promise.all([
      text(child.stderr),
      (async () => {
        let printed = '';
        for await (const chunk of child.stdout.setEncoding('utf8')) {
          const isFirst = !printed.includes('The demo listens');
          printed += chunk as string;
          if (isFirst && printed.includes('The demo listens')) child.kill('SIGTERM');
        }
        return printed;
      })(),
    ]);
    const [status] = (await ended) as [number];
    return { status, errors, isStopped: output.includes('demo.stopped') };
  });
  expect(await Promise.all(runs)).toEqual(
    children.map(() => ({ status: 0, errors: '', isStopped: true })),
  );
});
