import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createRecordFolder } from '../../src/record-folder.ts';
import { createTemporaryRecordFolder } from '../../src/testing.ts';
import { isWhole, type Sealed } from './tasks.ts';
import { Worker } from './worker.ts';

const long = { timeout: 60_000 };
const { PAWL_KILLS = '6' } = process.env;

it.concurrent('a writer that is killed leaves the old record or the new one', long, async () => {
  await using store = await createTemporaryRecordFolder();
  for (let kill = 0; kill < Number(PAWL_KILLS); kill++) {
    const folder = join(store.folder, `${kill}`);
    const own = createRecordFolder({ folder, staleAfter: 2_000 });
    const worker = new Worker();
    const death = worker.run('writeUntilKilled', { folder });
    while (!(await own.get('shared'))) await pause(2);
    await pause(Math.random() * 20);
    await worker.kill();
    expect(await death).toBe('died');
    const found = await own.get<Sealed>('shared');
    expect(found?.kind === 'live' && isWhole(found.value)).toBe(true);
    // As if the stale period were over.
    const lock = join(folder, 'shared.lock');
    if (await stat(lock).catch(() => null)) await utimes(lock, 0, 0);
    await own.cleanup();
    expect(await readdir(folder)).toEqual(['shared.json']);
  }
});

it.concurrent(
  'the lock of a process that was killed is free after the stale period',
  long,
  async () => {
    await using store = await createTemporaryRecordFolder({ staleAfter: 2_000 });
    const worker = new Worker();
    expect(await worker.run('hold', { folder: store.folder, id: 'held' })).toBe('holding');
    await worker.kill();
    const killedAt = Date.now();
    await store.set('held', 'again');
    // The lock's first time is rounded up to the next second, and the machine may be busy.
    expect(Date.now() - killedAt).toBeLessThan(4_000);
    expect(await store.get('held')).toMatchObject({ value: 'again' });
  },
);

it.concurrent('the lock of a process that lives is kept, however long it takes', long, async () => {
  await using store = await createTemporaryRecordFolder({ staleAfter: 2_000, lockTimeout: 3_200 });
  const worker = new Worker();
  await worker.run('hold', { folder: store.folder, id: 'held' });
  await expect(store.set('held', 'mine')).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
    cause: { problem: 'busy' },
  });
  await worker.kill();
});
