import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createTemporaryRecordFolder } from '../../src/testing.ts';
import { Worker } from './worker.ts';

const long = { timeout: 60_000 };
const { PAWL_TAKEOVERS = '8' } = process.env;

const workers = Array.from({ length: 8 }, () => new Worker());
afterAll(() => Promise.all(workers.map((worker) => worker.kill())));

/** What each of the eight processes should return. */
const zeros = workers.map(() => 0);

it('D3: eight processes write, and none reads an incomplete record', long, async () => {
  await using records = await createTemporaryRecordFolder();
  const torn = await Promise.all(
    workers.map((worker, writer) =>
      worker.run('write', { folder: records.folder, writer, times: 25 }),
    ),
  );
  expect(torn).toEqual(zeros);
  expect(await readdir(records.folder)).toEqual(['shared.json']);
});

it('eight processes change one record, and no change is lost', long, async () => {
  await using records = await createTemporaryRecordFolder();
  const intruders = await Promise.all(
    workers.map((worker) => worker.run('increment', { folder: records.folder, times: 20 })),
  );
  expect(intruders).toEqual(zeros);
  expect(await records.get('counter')).toMatchObject({ value: 160 });
});

it('if eight processes find a stale lock, one takes it over', long, async () => {
  await using records = await createTemporaryRecordFolder();
  await records.set('counter', 0);
  const lock = join(records.folder, 'counter.lock');
  const longAgo = new Date(Date.now() - 60_000);
  const rounds = Number(PAWL_TAKEOVERS);
  for (let round = 0; round < rounds; round++) {
    await mkdir(lock);
    await utimes(lock, longAgo, longAgo);
    const intruders = await Promise.all(
      workers.map((worker) => worker.run('increment', { folder: records.folder, times: 1 })),
    );
    expect(intruders).toEqual(zeros);
  }
  expect(await records.get('counter')).toMatchObject({ value: 8 * rounds });
  expect(await readdir(records.folder)).toEqual(['counter.json']);
});

it(
  'a value is taken once, and a secret created once, however many processes ask at once',
  long,
  async () => {
    await using records = await createTemporaryRecordFolder();
    const { folder } = records;
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
    expect(new Set(secrets)).toEqual(new Set([await records.secret()]));
  },
);
