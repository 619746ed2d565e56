import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestClock, type TestClock } from '@pawl/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namesIn } from '../test/folder.ts';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from './testing.ts';

const minute = 60_000;
let clock: TestClock;
let store: TemporaryRecordFolder;

beforeEach(async () => {
  clock = createTestClock();
  store = await createTemporaryRecordFolder({ clock: clock.now });
});
afterEach(() => store.remove());

describe('cleanup', () => {
  it('D1, D3: removes what is over and what crashes left, and nothing else', async () => {
    await store.set('kept', 1, clock.now() + 2 * minute);
    await store.set('gone', 1, clock.now() + minute);
    await store.singleUse.put('gone too', '1', minute);
    await store.singleUse.put('kept too', '1', 2 * minute);
    const uuid = '01234567-89ab-cdef-0123-456789abcdef';
    await writeFile(join(store.folder, `kept.${uuid}.tmp`), 'half a rec');
    await mkdir(join(store.folder, 'other.lock.takeover'));
    await writeFile(join(store.folder, 'notes.txt'), 'not ours');
    await writeFile(join(store.folder, 'broken.json'), '{"version":1,', { mode: 0o600 });
    await writeFile(join(store.folder, 'foreign.json'), '{"a":1}', { mode: 0o600 });
    await writeFile(join(store.folder, 'open.json'), '{}', { mode: 0o644 });
    await mkdir(join(store.folder, 'folder.json'));
    await clock.advance(minute + 1);
    expect(await store.cleanup()).toEqual({ expired: 2, leftovers: 2, skipped: 4 });
    expect(await namesIn(store.folder)).toEqual([
      'broken.json',
      'folder.json',
      'foreign.json',
      'kept.json',
      'notes.txt',
      'open.json',
      'single-use',
    ]);
    expect(await store.singleUse.take('kept too')).toBe('1');
  });

  it('leaves alone what somebody is writing', async () => {
    await store.set('one', 1, clock.now() + minute);
    await clock.advance(2 * minute);
    await store.update('one', async () => {
      expect(await store.cleanup()).toEqual({ expired: 0, leftovers: 0, skipped: 0 });
      return { value: 2 };
    });
    expect(await store.get('one')).toMatchObject({ value: 2 });
  });
});
