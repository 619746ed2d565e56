import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from './testing.ts';

let store: TemporaryRecordFolder;

beforeEach(async () => {
  store = await createTemporaryRecordFolder();
});
afterEach(() => store.remove());

describe('update', () => {
  it('keeps, changes or deletes', async () => {
    await store.update('one', async (found) => ({ value: [found] }));
    await store.update('one', async () => 'keep');
    expect(await store.get('one')).toMatchObject({ value: [null] });
    await store.update('one', async () => 'delete');
    expect(await store.get('one')).toBeUndefined();
  });

  it('loses nothing among many calls at once', async () => {
    await Promise.all(
      Array.from({ length: 50 }, () =>
        store.update<number>('one', async (found) => ({
          value: (found?.kind === 'live' ? found.value : 0) + 1,
        })),
      ),
    );
    expect(await store.get('one')).toMatchObject({ value: 50 });
  });

  it('passes on what the change throws, as it is, and lets go', async () => {
    const error = new Error('mine');
    await expect(store.update('one', () => Promise.reject(error))).rejects.toBe(error);
    await store.set('one', 1);
  });

  it('looks again when somebody wrote although it had the lock', async () => {
    await store.set('one', 1);
    const seen: unknown[] = [];
    await store.update<number>('one', async (found) => {
      seen.push(found?.kind === 'live' && found.value);
      if (seen.length === 1) {
        const text = await readFile(store.pathOf('one'), 'utf8');
        await writeFile(store.pathOf('one'), text.replace('"value":1', '"value":7'));
      }
      return { value: 8 };
    });
    expect(seen).toEqual([1, 7]);
  });

  it('does not wait where it is told not to', async () => {
    await store.update('one', async () => {
      const busy = store.update('one', async () => 'keep', { lockTimeout: 0 });
      await expect(busy).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        cause: { problem: 'busy' },
      });
      return 'keep';
    });
  });
});
