import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cookieModes, frameworks, readConfig } from '../../src/config.ts';
import { start } from '../harness/demo.ts';

const run = promisify(execFile);
const json = ['-H', 'Content-Type: application/json'] as const;
const day = 86_400;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-curl-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Output {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Types a curl command: no origin, no header of a browser, and the jar of `-c` and `-b`. */
const curlAt =
  (base: string) =>
  async (method: string, path: string, ...options: readonly string[]): Promise<Output> => {
    const { stdout } = await run(
      'curl',
      ['-s', '-w', '\n%{http_code}', '-X', method, `${base}${path}`, ...options],
      { cwd: folder },
    );
    const end = stdout.lastIndexOf('\n');
    return {
      status: Number(stdout.slice(end + 1)),
      body: JSON.parse(stdout.slice(0, end) || '{}') as Output['body'],
    };
  };

/** The cookies of the jar: name and expiry, in seconds since the epoch. */
const jar = async (): Promise<ReadonlyMap<string, number>> => {
  const text = await readFile(join(folder, 'cookies.txt'), 'utf8');
  const rows = text.split('\n').map((line) => line.split('\t'));
  return new Map(
    rows.filter((row) => row.length === 7).map((row) => [`${row[5]}`, Number(row[4])]),
  );
};

const john = { name: 'John Doe', username: 'johndoe', password: 'password123' };
const save = ['-c', 'cookies.txt'] as const;
const use = ['-b', 'cookies.txt'] as const;

describe.for(
  frameworks.flatMap((framework) => cookieModes.map((cookies) => ({ framework, cookies }))),
)('curl as the session service documents it, in $framework, cookies: $cookies', (settings) => {
  test('S2: the eight commands, one after the other', async () => {
    const { accessTokenLifetime, refreshTokenLifetime } = readConfig({});
    await using service = await start({ ...settings, accessTokenLifetime, refreshTokenLifetime });
    const curl = curlAt(`http://localhost:${service.demo.port}`);
    expect(await curl('GET', '/health')).toEqual({ status: 200, body: { status: 'OK' } });

    const registration = [...json, '-d', JSON.stringify(john), ...save];
    expect(await curl('POST', '/register', ...registration)).toMatchObject({
      status: 201,
      body: { user: { username: 'johndoe', name: 'John Doe' } },
    });
    const refreshExpiry = [...(await jar()).values()].at(-1) ?? 0;
    // S1: the cookie of the refresh token lives for seven days.
    expect(Math.round((refreshExpiry - Date.now() / 1_000) / day)).toBe(7);
    expect(await curl('POST', '/register', ...registration.slice(0, -2))).toMatchObject({
      status: 409,
    });

    const { username, password } = john;
    const login = [...json, '-d', JSON.stringify({ username, password })];
    const wrong = [...json, '-d', JSON.stringify({ username, password: 'wrong' })];
    expect(await curl('POST', '/login', ...wrong)).toMatchObject({ status: 401 });
    expect(await curl('POST', '/login', ...login, ...save)).toMatchObject({ status: 200 });

    expect(await curl('GET', '/content', ...use)).toEqual({
      status: 200,
      body: {
        message: 'Hello, John Doe. This is for you alone.',
        user: 'johndoe',
        name: 'John Doe',
      },
    });
    expect(await curl('GET', '/content')).toMatchObject({ status: 401 });

    expect(await curl('POST', '/refresh', ...use, ...save)).toMatchObject({ status: 200 });
    expect(await curl('GET', '/content', ...use)).toMatchObject({ status: 200 });
    expect(await curl('POST', '/refresh')).toMatchObject({ status: 400 });

    const change = [...json, '-d', '{"new_password":"newpassword123"}'];
    expect(await curl('POST', '/change-password', ...change, ...use, ...save)).toMatchObject({
      status: 200,
    });
    expect(await curl('GET', '/content', ...use)).toMatchObject({ status: 200 });
    expect(await curl('POST', '/login', ...login)).toMatchObject({ status: 401 });

    expect(await curl('POST', '/logout', ...use, ...save)).toEqual({
      status: 200,
      body: { message: 'logged out' },
    });
    expect(await curl('GET', '/content', ...use)).toMatchObject({ status: 401 });

    const renewed = JSON.stringify({ username, password: 'newpassword123' });
    expect(await curl('POST', '/login', ...json, '-d', renewed, ...save)).toMatchObject({
      status: 200,
    });
    expect(await curl('DELETE', '/delete', ...use)).toMatchObject({ status: 200 });
    expect(await curl('GET', '/content', ...use)).toMatchObject({ status: 401 });
    expect(await curl('POST', '/login', ...json, '-d', renewed)).toMatchObject({ status: 401 });
  });

  test('the access token is a Bearer token, too, and 127.0.0.1 is the same service', async () => {
    await using service = await start(settings);
    const curl = curlAt(`http://127.0.0.1:${service.demo.port}`);
    const body = JSON.stringify({ ...john, deliver: 'body' });
    const { body: tokens } = await curl('POST', '/register', ...json, '-d', body);
    const authorization = `Authorization: Bearer ${String(tokens['access_token'])}`;
    expect(await curl('GET', '/content', '-H', authorization)).toMatchObject({
      status: 200,
      body: { user: 'johndoe' },
    });
    const refresh = JSON.stringify({ refresh_token: tokens['refresh_token'] });
    expect(await curl('POST', '/refresh', ...json, '-d', refresh)).toMatchObject({ status: 200 });
  });

  test('another client lives on, and a jar that nobody wrote to says why it is refused', async () => {
    await using service = await start(settings);
    const curl = curlAt(`http://localhost:${service.demo.port}`);
    await curl('POST', '/register', ...json, '-d', JSON.stringify(john), ...save);
    // Without -c: the jar keeps the tokens that the response replaces.
    const change = [...json, '-d', '{"new_password":"newpassword123"}', ...use];
    expect(await curl('POST', '/change-password', ...change)).toMatchObject({
      status: 200,
      body: { message: expect.stringContaining('new tokens, which replace the ones') },
    });
    const late = await curl('GET', '/content', ...use);
    expect([401, 409]).toContain(late.status);
    expect(late.body['message']).toMatch(/a newer (one has replaced it|refresh token is in use)/);
  });
});
