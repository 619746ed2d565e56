import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestRunner } from '../../harness/runner.ts';
import { freePort } from './free-port.ts';

/** Where a binding's README stands, and the file of the example in it. */
export interface ReadmeExample {
  readonly readme: URL;
  /**
   * A service on `process.env.PORT` with `POST /login` (ann, open sesame), `GET /me`, a page at
   * `/`, `DELETE /everything`, and the binding's own routes at `/auth`.
   */
  readonly example: URL;
  /** What Node is started with. Default: nothing. */
  readonly nodeOptions?: readonly string[];
}

/** The example of a README is the file that is named, it runs, and it does what a reader expects. */
export const testReadmeExample = (test: TestRunner, options: ReadmeExample): void => {
  const { readme, example, nodeOptions = [] } = options;

  test.it('the example of the README is a file, to the letter', async () => {
    const text = readFileSync(example, 'utf8').trim();
    test.expect(readFileSync(readme, 'utf8').includes(text)).toBe(true);
  });

  test.it(
    'the example of the README runs',
    async () => {
      const port = await freePort();
      const service = spawn(process.execPath, [...nodeOptions, fileURLToPath(example)], {
        env: { ...process.env, PORT: String(port) },
        stdio: 'inherit',
      });
      try {
        await walk(`http://localhost:${port}`, test);
      } finally {
        service.kill();
        await once(service, 'exit');
      }
    },
    30_000,
  );
};

const walk = async (origin: string, test: TestRunner): Promise<void> => {
  await answering(origin);
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

const answering = async (url: string): Promise<void> => {
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
