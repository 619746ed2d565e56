import { mkdir, rmdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { createTemporaryRecordFolder } from '../testing.ts';
import { createLockFs } from './lock-fs.ts';

let lock: string;

beforeEach(async () => {
  const records = await createTemporaryRecordFolder();
  onTestFinished(records.remove);
  lock = join(records.folder, 'one.lock');
});

const contender = () => {
  const fs = createLockFs();
  return { make: promisify(fs.mkdir), look: promisify(fs.stat), remove: promisify(fs.rmdir) };
};
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

it('if two processes find a stale lock, the slower one does not remove the new lock', async () => {
  await mkdir(lock);
  await utimes(lock, 1, 1);
  const [quick, slow] = [contender(), contender()];
  for (const each of [quick, slow]) {
    await expect(each.make(lock)).rejects.toMatchObject({ code: 'EEXIST' });
    await each.look(lock);
  }
  await quick.remove(lock);
  await quick.make(lock);
  await expect(slow.remove(lock)).rejects.toMatchObject({ code: 'ELOCKED' });
  expect(await exists(lock)).toBe(true);
  expect(await exists(`${lock}.takeover`)).toBe(false);
});

it('a holder whose lock was taken over does not remove the new lock', async () => {
  const [first, second] = [contender(), contender()];
  await first.make(lock);
  await utimes(lock, 1, 1);
  await first.look(lock);
  await second.look(lock);
  await second.remove(lock);
  await second.make(lock);
  await expect(first.remove(lock)).rejects.toMatchObject({ code: 'ELOCKED' });
  expect(await exists(lock)).toBe(true);
});

it('one process takes over at a time, unless the other one has died while it did', async () => {
  await mkdir(lock);
  await utimes(lock, 1, 1);
  await mkdir(`${lock}.takeover`);
  const late = contender();
  await late.look(lock);
  await expect(late.remove(lock)).rejects.toMatchObject({ code: 'ELOCKED' });
  expect(await exists(`${lock}.takeover`)).toBe(true);
  await utimes(`${lock}.takeover`, 1, 1);
  await expect(late.remove(lock)).rejects.toMatchObject({ code: 'ELOCKED' });
  await late.remove(lock);
  expect(await exists(lock)).toBe(false);
});

it('a lock that is already removed is reported as missing', async () => {
  const late = contender();
  await mkdir(lock);
  await late.look(lock);
  await rmdir(lock);
  await expect(late.remove(lock)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await exists(`${lock}.takeover`)).toBe(false);
});
