import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from './testing.ts';

let records: TemporaryRecordFolder;

beforeEach(async () => {
  records = await createTemporaryRecordFolder();
});
afterEach(() => records.remove());

describe('update', () => {
  it('keeps, changes or deletes', async () => {
    await records.update('one', async (found) => ({ value: [found] }));
    await records.update('one', async () => 'keep');
    expect(await records.get('one')).toMatchObject({ value: [null] });
    await records.update('one', async () => 'delete');
    expect(await records.get('one')).toBeUndefined();
  });

  it('loses no change if many calls run at once', async () => {
    await Promise.all(
      Array.from({ length: 50 }, () =>
        records.update<number>('one', async (found) => ({
          value: (found?.kind === 'live' ? found.value : 0) + 1,
        })),
      ),
    );
    expect(await records.get('one')).toMatchObject({ value: 50 });
  });

  it('passes on what the change throws, and releases the lock', async () => {
    const error = new Error('mine');
    await expect(records.update('one', () => Promise.reject(error))).rejects.toBe(error);
    await records.set('one', 1);
  });

  it('calls the change again if another process wrote despite the lock', async () => {
    await records.set('one', 1);
    const seen: unknown[] = [];
    await records.update<number>('one', async (found) => {
      seen.push(found?.kind === 'live' && found.value);
      if (seen.length === 1) {
        const text = await readFile(records.pathOf('one'), 'utf8');
        await writeFile(records.pathOf('one'), text.replace('"value":1', '"value":7'));
      }
      return { value: 8 };
    });
    expect(seen).toEqual([1, 7]);
  });

  it('does not wait with a lockTimeout of 0', async () => {
    await records.update('one', async () => {
      const busy = records.update('one', async () => 'keep', { lockTimeout: 0 });
      await expect(busy).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        cause: { problem: 'busy' },
      });
      return 'keep';
    });
  });
});
