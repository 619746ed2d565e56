import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createRecordFolder } from '../../src/record-folder.ts';
import { createTemporaryRecordFolder } from '../../src/testing.ts';
import { isComplete, type Marked } from './tasks.ts';
import { Worker } from './worker.ts';

const long = { timeout: 60_000 };
const { PAWL_KILLS = '6' } = process.env;

it.concurrent('a writer that is killed leaves the old record or the new one', long, async () => {
  await using records = await createTemporaryRecordFolder();
  for (let kill = 0; kill < Number(PAWL_KILLS); kill++) {
    const folder = join(records.folder, `${kill}`);
    const own = createRecordFolder({ folder, staleAfter: 2_000 });
    const worker = new Worker();
    const death = worker.run('writeUntilKilled', { folder });
    while (!(await own.get('shared'))) await pause(2);
    await pause(Math.random() * 20);
    await worker.kill();
    expect(await death).toBe('died');
    const found = await own.get<Marked>('shared');
    expect(found?.kind === 'live' && isComplete(found.value)).toBe(true);
    // As if the stale period had passed.
    const lock = join(folder, 'shared.lock');
    if (await stat(lock).catch(() => null)) await utimes(lock, 0, 0);
    await own.cleanup();
    expect(await readdir(folder)).toEqual(['shared.json']);
  }
});

it.concurrent(
  'the lock of a killed process can be acquired after the stale period',
  long,
  async () => {
    await using records = await createTemporaryRecordFolder({ staleAfter: 2_000 });
    const worker = new Worker();
    expect(await worker.run('hold', { folder: records.folder, id: 'held' })).toBe('holding');
    await worker.kill();
    const killedAt = Date.now();
    await records.set('held', 'again');
    // The first timestamp of the lock is rounded up to a second, and the machine may be busy.
    expect(Date.now() - killedAt).toBeLessThan(4_000);
    expect(await records.get('held')).toMatchObject({ value: 'again' });
  },
);

it.concurrent('the lock of a running process is kept, however long it takes', long, async () => {
  await using records = await createTemporaryRecordFolder({
    staleAfter: 2_000,
    lockTimeout: 3_200,
  });
  const worker = new Worker();
  await worker.run('hold', { folder: records.folder, id: 'held' });
  await expect(records.set('held', 'mine')).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
    cause: { problem: 'busy' },
  });
  await worker.kill();
});
