import { utimes } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { createSingleLogin, type SingleLogin } from '../../src/login/single-login.ts';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from '../../src/testing.ts';
import { startTokenServer, type TokenServer } from '../token-server.ts';
import { Worker } from './worker.ts';

const long = { timeout: 60_000 };
const minute = 60_000;
const { PAWL_ROUNDS = '25', PAWL_DEATHS = '4' } = process.env;

const workers = [new Worker(), new Worker()];
afterAll(() => Promise.all(workers.map((worker) => worker.kill())));

const logIn = async (server: TokenServer, folder: string): Promise<SingleLogin<undefined>> => {
  const refresh = async (): Promise<null> => null;
  const login = createSingleLogin({ folder, clock: server.clock.now, refresh });
  await login.save(await server.logIn());
  return login;
};

/** Both processes want an access token at the same time; the one at index `dying` is killed meanwhile. */
const both = (
  server: TokenServer,
  { folder }: TemporaryRecordFolder,
  dying?: number,
): Promise<(string | null)[]> =>
  Promise.all(
    workers.map((worker, i) =>
      worker.run('accessToken', {
        folder,
        url: server.url,
        now: server.clock.now(),
        die: i === dying,
      }),
    ),
  );

it('two processes at once: one rotation per expiry, and both receive its token', long, async () => {
  await using server = await startTokenServer();
  await using records = await createTemporaryRecordFolder();
  await logIn(server, records.folder);
  const rounds = Number(PAWL_ROUNDS);
  for (let round = 0; round < rounds; round++) {
    await server.clock.advance(10 * minute);
    const [one, other] = await both(server, records);
    expect(one).toBe(other);
    await server.verify(String(one));
  }
  expect(server.requests()).toBe(rounds);
  expect(Object.fromEntries(server.events)).toEqual({
    'session.created': 1,
    'session.rotated': rounds,
  });
});

it(
  'before the token expires, one process refreshes and the other does not wait',
  long,
  async () => {
    await using server = await startTokenServer();
    await using records = await createTemporaryRecordFolder();
    await logIn(server, records.folder);
    for (let round = 0; round < 5; round++) {
      await server.clock.advance(9.75 * minute);
      for (const token of await both(server, records)) await server.verify(String(token));
      await server.clock.advance(0.1 * minute);
      expect(new Set(await both(server, records)).size).toBe(1);
    }
    expect(server.events.get('session.rotated')).toBe(5);
    expect(server.requests()).toBe(5);
  },
);

it(
  'killed between the response and the write, again and again: no session is lost',
  long,
  async () => {
    await using server = await startTokenServer();
    await using records = await createTemporaryRecordFolder();
    const { path } = await logIn(server, records.folder);
    const deaths = Number(PAWL_DEATHS);
    for (let round = 0; round < deaths; round++) {
      await server.clock.advance(10 * minute);
      const dying = round % 2;
      const task = { folder: records.folder, url: server.url, now: server.clock.now() };
      expect(await workers[dying]?.run('accessToken', { ...task, die: true })).toBe('died');
      workers[dying] = new Worker();
      // As if the stale period had passed.
      await utimes(path.replace(/json$/, 'lock'), 0, 0);
      // In some rounds the surviving processes come much later than any grace period.
      if (round % 3 === 2) await server.clock.advance(3 * 60 * minute);
      const [one, other] = await both(server, records);
      expect(one).toBe(other);
      await server.verify(String(one));
    }
    expect(Object.fromEntries(server.events)).toEqual({
      'session.created': 1,
      'session.rotated': deaths,
      'session.replayed': deaths,
    });
  },
);

it('a race in which one of the two processes is killed loses no session either', long, async () => {
  await using server = await startTokenServer();
  await using records = await createTemporaryRecordFolder();
  const { path } = await logIn(server, records.folder);
  const deaths = Number(PAWL_DEATHS);
  for (let round = 0; round < deaths; round++) {
    await server.clock.advance(10 * minute);
    const dying = round % 2;
    const racing = both(server, records, dying);
    const ageing = setInterval(() => {
      if (!workers[dying]?.isAlive) utimes(path.replace(/json$/, 'lock'), 0, 0).catch(() => {});
    }, 5);
    const tokens = await racing;
    clearInterval(ageing);
    await server.verify(String(tokens[1 - dying]));
    if (!workers[dying]?.isAlive) workers[dying] = new Worker();
  }
  expect(server.events.get('session.rotated')).toBe(deaths);
  expect(server.events.get('session.revoked')).toBeUndefined();
});
