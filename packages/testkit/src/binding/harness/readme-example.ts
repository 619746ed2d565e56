import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { generateSecret } from '@pawl/core';
import type { TestRunner } from '../../harness/runner.ts';
import { freePort } from './free-port.ts';

/** Options of {@link testReadmeExample}. */
export interface ReadmeExample {
  /** The README of the binding. */
  readonly readme: URL;
  /**
   * The file of the example. It starts a service on `process.env.PORT` with `POST /login` (user `ann`,
   * password `open sesame`), `GET /me`, a page at `/`, `DELETE /everything`, and Pawl's routes at
   * `/auth`.
   */
  readonly example: URL;
  /** Command-line options of Node. Default: none. */
  readonly nodeOptions?: readonly string[] | undefined;
}

/**
 * Registers the tests of a binding's README: it contains the example file literally; the example
 * starts, logs in, serves its pages and logs out; without `PAWL_SECRET` it does not start.
 *
 * @example
 * testReadmeExample(
 *   { describe, it, expect },
 *   {
 *     readme: new URL('../README.md', import.meta.url),
 *     example: new URL('./readme-example.ts', import.meta.url),
 *   },
 * );
 */
export const testReadmeExample = (test: TestRunner, options: ReadmeExample): void => {
  const { readme, example, nodeOptions = [] } = options;

  test.it('the README contains the example file literally', async () => {
    const code = readFileSync(example, 'utf8').trim();
    test.expect(readFileSync(readme, 'utf8').includes(code)).toBe(true);
  });

  test.it(
    'the example of the README works',
    async () => {
      const port = await freePort();
      const service = spawn(process.execPath, [...nodeOptions, fileURLToPath(example)], {
        env: { ...process.env, PORT: String(port), PAWL_SECRET: generateSecret() },
        stdio: 'inherit',
      });
      try {
        await checkService(`http://localhost:${port}`, test);
      } finally {
        service.kill();
        await once(service, 'exit');
      }
    },
    30_000,
  );

  test.it(
    'the example of the README does not start without PAWL_SECRET, and says why',
    async () => {
      const { PAWL_SECRET: _, ...env } = process.env;
      const service = spawn(process.execPath, [...nodeOptions, fileURLToPath(example)], {
        env: { ...env, PORT: '0' },
      });
      const ended = once(service, 'exit');
      const errors = await text(service.stderr);
      test.expect((await ended)[0]).toBe(1);
      test.expect(errors.includes('secrets[0] is missing')).toBe(true);
    },
    30_000,
  );
};

const checkService = async (origin: string, test: TestRunner): Promise<void> => {
  await waitUntilListening(origin);
  const login = await fetch(`${origin}/login`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'ann', password: 'open sesame' }),
  });
  test.expect(login.status, 'login').toBe(200);
  const cookies = login.headers.getSetCookie().map((one) => one.split(';', 1)[0]);
  const browser = { cookie: cookies.join('; '), origin };
  const send = (method: string, path: string): Promise<Response> =>
    fetch(`${origin}${path}`, { method, headers: browser });

  test.expect(await (await send('GET', '/me')).json()).toEqual({ user: 'ann' });
  test.expect(await (await send('GET', '/')).text()).toBe('Hello, ann');
  test.expect(await (await send('DELETE', '/everything')).text()).toBe('gone');
  test.expect((await send('POST', '/auth/logout')).status, 'logout').toBe(204);
  test.expect((await send('GET', '/me')).status, 'after the logout').toBe(401);
};

const waitUntilListening = async (url: string): Promise<void> => {
  for (let attempt = 0; attempt < 200; attempt++) {
    const ready = await fetch(url).then(
      () => true,
      () => false,
    );
    if (ready) return;
    await setTimeout(100);
  }
  throw new Error(`nothing listens on ${url}`);
};
