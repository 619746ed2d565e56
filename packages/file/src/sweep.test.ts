import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newCallId } from '@pawl/core/store';
import { createTestClock, type TestClock } from '@pawl/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namesIn } from '../test/folder.ts';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from './testing.ts';

const minute = 60_000;
let clock: TestClock;
let records: TemporaryRecordFolder;

beforeEach(async () => {
  clock = createTestClock();
  records = await createTemporaryRecordFolder({ clock: clock.now });
});
afterEach(() => records.remove());

describe('cleanup', () => {
  it('D1, D3: removes what has expired and what crashes left, and nothing else', async () => {
    await records.set('kept', 1, clock.now() + 2 * minute);
    await records.set('gone', 1, clock.now() + minute);
    await records.singleUse.put('gone too', '1', minute, newCallId());
    await records.singleUse.put('kept too', '1', 2 * minute, newCallId());
    const uuid = '01234567-89ab-cdef-0123-456789abcdef';
    await writeFile(join(records.folder, `kept.${uuid}.tmp`), 'half a rec');
    await mkdir(join(records.folder, 'other.lock.takeover'));
    await writeFile(join(records.folder, 'notes.txt'), 'not ours');
    await writeFile(join(records.folder, 'broken.json'), '{"version":1,', { mode: 0o600 });
    await writeFile(join(records.folder, 'foreign.json'), '{"a":1}', { mode: 0o600 });
    await writeFile(join(records.folder, 'open.json'), '{}', { mode: 0o644 });
    await mkdir(join(records.folder, 'folder.json'));
    await clock.advance(minute + 1);
    expect(await records.cleanup()).toEqual({ expired: 2, leftovers: 2, skipped: 4 });
    expect(await namesIn(records.folder)).toEqual([
      'broken.json',
      'folder.json',
      'foreign.json',
      'kept.json',
      'notes.txt',
      'open.json',
      'single-use',
    ]);
    expect(await records.singleUse.take('kept too', newCallId())).toBe('1');
  });

  it('leaves a file that is being written', async () => {
    await records.set('one', 1, clock.now() + minute);
    await clock.advance(2 * minute);
    await records.update('one', async () => {
      expect(await records.cleanup()).toEqual({ expired: 0, leftovers: 0, skipped: 0 });
      return { value: 2 };
    });
    expect(await records.get('one')).toMatchObject({ value: 2 });
  });
});
