import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type DemoProcess, startDemoProcess } from './demo-process.ts';
import { type Run, runProgram } from './program.ts';

// Each call starts a process, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const password = 'correct horse battery';
/** In seconds: the program refreshes after half of it. */
const lifetime = 12;

let demo: DemoProcess;
let folder: string;
let names = 0;
beforeAll(async () => {
  demo = await startDemoProcess(lifetime);
}, 30_000);
afterAll(() => demo.stop());
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'pawl-cli-')), 'login');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const run = (args: string, input = ''): Promise<Run> =>
  runProgram({ PAWL_DEMO_URL: demo.url, PAWL_DEMO_FOLDER: folder }, args.split(' '), input);

const logIn = async (): Promise<string> => {
  const name = `user${names++}`;
  expect(await run(`login ${name} --new`, password)).toMatchObject({ status: 0 });
  return name;
};

test('login, whoami, logout', async () => {
  expect(await run('whoami')).toEqual({ status: 1, output: 'Nobody is logged in.\n' });
  const name = await logIn();
  expect(await run('whoami')).toEqual({ status: 0, output: `${name} at ${demo.url}\n` });
  expect(await run('logout')).toEqual({ status: 0, output: 'Logged out.\n' });
  expect(await run('whoami')).toMatchObject({ status: 1 });
  expect(await run('logout')).toMatchObject({ status: 0 });
  const wrong = await run(`login ${name}`, 'not this one');
  expect(wrong).toMatchObject({ status: 1 });
  expect(wrong.output).toContain('the name or the password is wrong');
  expect(await run(`login ${name}`, password)).toMatchObject({ status: 0 });
});

test('the tokens are in a file that nobody else can read, and in no output', async () => {
  const name = await logIn();
  const file = join(folder, 'login.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { output } = await run('whoami');
  expect(await readFile(file, 'utf8')).toContain('pawl_rt_');
  expect(output).not.toContain('pawl_');
  expect((await run(`login ${name}`, password)).output).not.toContain('pawl_');
  expect(demo.lines.join('')).not.toMatch(/pawl_(rt|at)_/);
});

test('a new login ends the previous one', async () => {
  await logIn();
  const before = demo.lines.filter((line) => line.includes('"event":"session.revoked"')).length;
  await logIn();
  const after = demo.lines.filter((line) => line.includes('"event":"session.revoked"')).length;
  expect(after - before).toBe(1);
});

test('eight processes with an old token: one refreshes, and all are logged in', {
  timeout: 60_000,
}, async () => {
  const name = await logIn();
  const rotations = (): number =>
    demo.lines.filter((line) => line.includes('"event":"session.rotated"')).length;
  const before = rotations();
  await new Promise((wake) => setTimeout(wake, (lifetime / 2) * 1_000 + 500));
  const runs = await Promise.all(Array.from({ length: 8 }, () => run('whoami')));
  expect(runs).toEqual(runs.map(() => ({ status: 0, output: `${name} at ${demo.url}\n` })));
  expect(rotations() - before).toBe(1);
  expect(demo.lines.join('')).not.toContain('reuse.detected');
  expect(await run('whoami')).toMatchObject({ status: 0 });
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['login.json']));
});

test('an unavailable service is not a logout, and a failed logout is reported', async () => {
  const other = await startDemoProcess(lifetime);
  const environment = { PAWL_DEMO_FOLDER: folder, PAWL_DEMO_URL: other.url };
  await runProgram(environment, ['login', 'ann', '--new'], password);
  await other.stop();
  const unavailable = { status: 2, output: `${other.url} does not respond\n` };
  expect(await runProgram(environment, ['whoami'])).toEqual(unavailable);
  expect(await runProgram(environment, ['whoami'])).toEqual(unavailable);
  const ended = await runProgram(environment, ['logout']);
  expect(ended).toMatchObject({ status: 1, output: expect.stringContaining('Logged out here') });
  expect(await runProgram(environment, ['whoami'])).toMatchObject({ status: 1 });
});

test('no other service receives the tokens', async () => {
  await logIn();
  const received: string[] = [];
  const stranger = createServer((request, response) => {
    received.push(request.headers.authorization ?? '');
    response.end('{}');
  }).listen();
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  const environment = { PAWL_DEMO_FOLDER: folder, PAWL_DEMO_URL: `http://localhost:${port}` };
  for (const verb of ['whoami', 'logout']) {
    const { status, output } = await runProgram(environment, [verb]);
    expect(status).toBe(1);
    expect(output).toContain(`The login is for ${demo.url}`);
  }
  expect(received).toEqual([]);
  expect(await run('whoami')).toMatchObject({ status: 0 });
  stranger.close();
});

test('wrong usage and wrong settings are reported', async () => {
  expect(await run('login')).toMatchObject({ status: 64 });
  for (const wrong of ['dance', '', 'whoami --loudly', 'login ann bob']) {
    expect(await run(wrong)).toMatchObject({
      status: 64,
      output: expect.stringContaining('login <name>'),
    });
  }
  const nowhere = { PAWL_DEMO_FOLDER: folder, PAWL_DEMO_URL: 'nowhere' };
  expect(await runProgram(nowhere, ['whoami'])).toEqual({
    status: 2,
    output: 'PAWL_DEMO_URL: must be a URL\n',
  });
  const elsewhere = { PAWL_DEMO_FOLDER: folder, PAWL_DEMO_URL: 'http://example.com' };
  const plain = await runProgram(elsewhere, ['whoami']);
  expect(plain.status).toBe(2);
  expect(plain.output).toContain('must be https, or http on localhost');
});
