import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createTemporaryRecordFolder } from '../../src/testing.ts';
import { Worker } from './worker.ts';

const long = { timeout: 60_000 };
const { PAWL_TAKEOVERS = '8' } = process.env;

const workers = Array.from({ length: 8 }, () => new Worker());
afterAll(() => Promise.all(workers.map((worker) => worker.kill())));

/** What each of the eight is to answer. */
const zeros = workers.map(() => 0);

it('D3: eight processes write, and nobody reads half a record', long, async () => {
  await using store = await createTemporaryRecordFolder();
  const torn = await Promise.all(
    workers.map((worker, writer) =>
      worker.run('write', { folder: store.folder, writer, times: 25 }),
    ),
  );
  expect(torn).toEqual(zeros);
  expect(await readdir(store.folder)).toEqual(['shared.json']);
});

it('eight processes change one record, and no change is lost', long, async () => {
  await using store = await createTemporaryRecordFolder();
  const intruders = await Promise.all(
    workers.map((worker) => worker.run('increment', { folder: store.folder, times: 20 })),
  );
  expect(intruders).toEqual(zeros);
  expect(await store.get('counter')).toMatchObject({ value: 160 });
});

it('of eight processes that find a stale lock, one takes it over', long, async () => {
  await using store = await createTemporaryRecordFolder();
  await store.set('counter', 0);
  const lock = join(store.folder, 'counter.lock');
  const longAgo = new Date(Date.now() - 60_000);
  const rounds = Number(PAWL_TAKEOVERS);
  for (let round = 0; round < rounds; round++) {
    await mkdir(lock);
    await utimes(lock, longAgo, longAgo);
    const intruders = await Promise.all(
      workers.map((worker) => worker.run('increment', { folder: store.folder, times: 1 })),
    );
    expect(intruders).toEqual(zeros);
  }
  expect(await store.get('counter')).toMatchObject({ value: 8 * rounds });
  expect(await readdir(store.folder)).toEqual(['counter.json']);
});

it('a value is taken once, and a secret made once, whoever asks at once', long, async () => {
  await using store = await createTemporaryRecordFolder();
  const { folder } = store;
  for (let round = 0; round < 12; round++) {
    const key = `state ${round}`;
    const stored = await Promise.all(
      workers.map((worker, i) => worker.run('put', { folder, key, value: `${i}` })),
    );
    expect(stored.filter(Boolean)).toHaveLength(1);
    const taken = await Promise.all(workers.map((worker) => worker.run('take', { folder, key })));
    expect(taken.filter((value) => value !== null)).toEqual([`${stored.indexOf(true)}`]);
  }
  const secrets = await Promise.all(workers.map((worker) => worker.run('secret', { folder })));
  expect(new Set(secrets)).toEqual(new Set([await store.secret()]));
});
