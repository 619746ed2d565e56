import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigurationError, InvalidInputError } from '@pawl/core';
import { newCallId } from '@pawl/core/store';
import { createTestClock, type TestClock } from '@pawl/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modeOf, namesIn } from '../test/folder.ts';
import { createRecordFolder } from './record-folder.ts';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from './testing.ts';

const minute = 60_000;
let clock: TestClock;
let records: TemporaryRecordFolder;

beforeEach(async () => {
  clock = createTestClock();
  records = await createTemporaryRecordFolder({ clock: clock.now });
});
afterEach(() => records.remove());

describe('records', () => {
  it('D1: are read as they were written', async () => {
    const value = { text: 'grüße 👩‍👩‍👧 \u0000', list: [1, null, true], nested: { a: {} } };
    await records.set('one', value);
    expect(await records.get('one')).toEqual({ kind: 'live', value, expiresAt: null });
  });

  it('an option that does not exist is refused', () => {
    const options = { folder: '/tmp/never', lockTimout: 1 } as object as { folder: string };
    expect(() => createRecordFolder(options)).toThrow('did you mean lockTimeout?');
  });

  it('D1: that do not exist are undefined, and reading creates no folder', async () => {
    const nowhere = createRecordFolder({ folder: join(records.folder, 'deep', 'down') });
    expect(await nowhere.get('one')).toBeUndefined();
    expect(await nowhere.delete('one')).toBe(false);
    expect(await nowhere.singleUse.take('one', newCallId())).toBeNull();
    expect(await nowhere.cleanup()).toEqual({ expired: 0, leftovers: 0, skipped: 0 });
    expect(await namesIn(records.folder)).toEqual([]);
  });

  it('D1: that have expired are reported once, from the exact millisecond on, and removed', async () => {
    await records.set('one', 1, clock.now() + minute);
    await clock.advance(minute - 1);
    expect(await records.get('one')).toMatchObject({ kind: 'live', value: 1 });
    await clock.advance(1);
    expect(await records.get('one')).toEqual({ kind: 'expired' });
    expect(await namesIn(records.folder)).toEqual([]);
    expect(await records.get('one')).toBeUndefined();
  });

  it('D1: can be deleted twice', async () => {
    await records.set('one', 1);
    expect(await records.delete('one')).toBe(true);
    expect(await records.delete('one')).toBe(false);
    expect(await records.get('one')).toBeUndefined();
  });

  it('D2: are one readable JSON file each, in a folder closed to others', async () => {
    const folder = join(records.folder, 'a', 'b');
    const deep = createRecordFolder({ folder });
    await deep.set('one', { a: 1 }, 4e12);
    expect(deep.folder).toBe(folder);
    expect(deep.pathOf('one')).toBe(join(folder, 'one.json'));
    expect(JSON.parse(await readFile(deep.pathOf('one'), 'utf8'))).toEqual({
      version: 1,
      id: 'one',
      expiresAt: 4e12,
      value: { a: 1 },
    });
    expect(await namesIn(folder)).toEqual(['one.json']);
    expect([await modeOf(folder), await modeOf(deep.pathOf('one'))]).toEqual(['700', '600']);
  });

  it.each(['../one', 'a/b', '..', 'a\\b', ''])('D3: refuse the id %s', async (id) => {
    expect(() => records.pathOf(id)).toThrow(InvalidInputError);
    for (const call of [
      () => records.get(id),
      () => records.set(id, 1),
      () => records.delete(id),
      () => records.update(id, async () => 'keep'),
    ]) {
      await expect(call()).rejects.toThrow(InvalidInputError);
    }
  });

  it('refuse a value that is not JSON or too long, and keep the old one', async () => {
    await records.set('one', 'old');
    const loop: unknown[] = [];
    loop.push(loop);
    for (const value of [undefined, () => 1, 1n, loop, 'x'.repeat(300_000)]) {
      await expect(records.set('one', value)).rejects.toThrow(InvalidInputError);
    }
    await expect(records.set('one', 1, Number.NaN)).rejects.toThrow(InvalidInputError);
    expect(await records.get('one')).toMatchObject({ value: 'old' });
    expect(await namesIn(records.folder)).toEqual(['one.json']);
  });
});

describe('options', () => {
  it('D2: the files of a program are in the user’s configuration folder', () => {
    const { folder } = createRecordFolder({ app: 'pawl-test' });
    expect(folder.startsWith(process.env['XDG_CONFIG_HOME'] ?? homedir())).toBe(true);
    expect(folder.endsWith(join('pawl-test', 'sessions'))).toBe(true);
    expect(dirname(dirname(folder))).not.toBe(homedir());
  });

  it.each([
    [{}, 'app'],
    [{ app: 'a', folder: 'b' }, 'app'],
    [{ app: '../a' }, 'app'],
    [{ app: '' }, 'app'],
    [{ folder: '' }, 'folder'],
    [{ app: 'a', staleAfter: 1_999 }, 'staleAfter'],
    [{ app: 'a', staleAfter: Number.NaN }, 'staleAfter'],
    [{ app: 'a', lockTimeout: -1 }, 'lockTimeout'],
  ])('refuse %j', (options, option) => {
    expect(() => createRecordFolder(options)).toThrow(ConfigurationError);
    expect(() => createRecordFolder(options)).toThrow(expect.objectContaining({ option }));
  });
});
