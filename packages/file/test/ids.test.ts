import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSessions, generateSecret } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { createTestClock } from '@pawl/testkit';
import { expect, it } from 'vitest';
import { createSingleLogin } from '../src/index.ts';
import { createTemporaryRecordFolder } from '../src/testing.ts';

it('records by base64url ids and by Pawl’s session ids: set, get, update, delete', async () => {
  await using records = await createTemporaryRecordFolder();
  const sessions = createSessions({ store: createMemoryStore(), secrets: [generateSecret()] });
  const created = await Promise.all(
    Array.from({ length: 20 }, () => sessions.create({ userId: 'ann' })),
  );
  const ids = [
    ...Array.from({ length: 30 }, () => randomBytes(32).toString('base64url')),
    ...created.map(({ sessionId }) => sessionId),
  ];
  for (const id of ids) await records.set(id, { id });
  for (const id of ids) expect(await records.get(id)).toMatchObject({ value: { id } });
  expect(await readdir(records.folder)).toHaveLength(ids.length);
  for (const id of ids) {
    await records.update(id, async () => ({ value: 'next' }));
    expect(await records.get(id)).toMatchObject({ value: 'next' });
    expect(await records.delete(id)).toBe(true);
    expect(await records.get(id)).toBeUndefined();
  }
  expect(await readdir(records.folder)).toEqual([]);
});

it('ids that one file system confuses with each other are different records', async () => {
  await using records = await createTemporaryRecordFolder();
  const ids = [
    'a',
    'A',
    'á',
    'a\u0301',
    'Á',
    'ａ',
    'a.',
    'a ',
    '~a',
    '^a',
    '%41',
    'con',
    'CON',
    'Con',
  ];
  const long = ['x', 'X', 'y'].map((letter) => letter.repeat(255));
  const all = [...ids, ...long];
  for (const id of all) await records.set(id, id);
  for (const id of all) expect(await records.get(id)).toMatchObject({ value: id });
  const names = await readdir(records.folder);
  expect(new Set(names.map((name) => name.toLowerCase().normalize('NFC'))).size).toBe(all.length);
  for (const id of all)
    expect(names).toContain(records.pathOf(id).slice(records.folder.length + 1));
});

it('the cleanup knows them by their names', async () => {
  const clock = createTestClock();
  await using records = await createTemporaryRecordFolder({
    clock: clock.now,
    staleAfter: 2_000,
  });
  const id = randomBytes(32).toString('base64url');
  const ids = [id, 'CON', 'Ж'.repeat(255), 'plain'];
  for (const each of ids) await records.set(each, 1, clock.now() + 1_000);
  await records.set('Kept', 1);
  await clock.advance(1_001);
  // What a killed process left.
  const lock = records.pathOf('Gone').replace(/json$/, 'lock');
  await mkdir(lock);
  await utimes(lock, 0, 0);
  await writeFile(records.pathOf('Kept').replace(/json$/, `${randomUUID()}.tmp`), '');
  expect(await records.cleanup()).toEqual({ expired: ids.length, leftovers: 2, skipped: 0 });
  expect(await readdir(records.folder)).toEqual(['~^kept.json']);
});

it('a login may have such an id', async () => {
  await using records = await createTemporaryRecordFolder();
  const login = createSingleLogin({
    folder: records.folder,
    id: 'Ann@Example.com',
    refresh: async () => null,
  });
  await login.save({ access_token: 'a', refresh_token: 'r', expires_in: 600 });
  expect(await login.getAccessToken()).toBe('a');
  expect(login.path).toBe(join(records.folder, '~^ann%40^example%2ecom.json'));
});
