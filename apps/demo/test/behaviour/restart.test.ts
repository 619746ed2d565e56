import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ann, start } from '../harness/demo.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-demo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(['opaque', 'jwt'] as const)(
  'a restart loses no session, with %s access tokens and keys created at the first start',
  async (accessToken) => {
    const store = `sqlite:${join(folder, 'demo.db')}`;
    const settings = { store, users: store, secret: null, accessToken };
    const before = await start(settings);
    const page = before.visitor();
    await page.send('POST', '/register', ann);
    await before[Symbol.asyncDispose]();

    await using after = await start(settings);
    const jar = after.visitor().jar;
    for (const cookie of await page.jar.getCookies('http://localhost:8080/refresh')) {
      await jar.setCookie(cookie, 'http://localhost:8080/refresh');
    }
    const cookie = await jar.getCookieString('http://localhost:8080/refresh');
    const headers = { cookie, origin: 'http://localhost:8080' };
    expect(await after.send('GET', '/content', undefined, headers)).toMatchObject({
      status: 200,
      body: { user: 'ann' },
    });
    expect(await after.send('POST', '/refresh', undefined, headers)).toMatchObject({ status: 200 });
  },
);

test('nobody else can read the keys', async () => {
  const store = `sqlite:${join(folder, 'demo.db')}`;
  await using service = await start({ store, users: store, secret: null, accessToken: 'jwt' });
  expect(await service.send('GET', '/health')).toMatchObject({ status: 200 });
  const keys = join(folder, 'demo.db.keys');
  expect((await stat(keys)).mode & 0o777).toBe(0o700);
  const files = await readdir(keys, { recursive: true, withFileTypes: true });
  const modes = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map(async (file) => (await stat(join(file.parentPath, file.name))).mode & 0o777),
  );
  expect(modes).toEqual([0o600, 0o600]);
});
