import { chmod, chown, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreUnavailableError } from '@pawl/core/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modeOf } from '../test/folder.ts';
import { createRecordFolder } from './record-folder.ts';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from './testing.ts';

let store: TemporaryRecordFolder;

beforeEach(async () => {
  store = await createTemporaryRecordFolder();
});
afterEach(() => store.remove());

describe('a file that cannot be trusted', () => {
  it.each(['', 'secret', '{"version":1}', '{"version":2,"id":"one","expiresAt":null,"value":1}'])(
    'is not "not found", and is not quoted: %s',
    async (text) => {
      await writeFile(store.pathOf('one'), text, { mode: 0o600 });
      const error = await store.get('one').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error).toMatchObject({ cause: { problem: 'corrupt', path: store.pathOf('one') } });
      expect(String((error as Error).cause)).not.toContain('secret');
      await store.set('one', 'healed');
      expect(await store.get('one')).toMatchObject({ value: 'healed' });
    },
  );

  it('is refused under another name', async () => {
    await store.set('one', 1);
    await writeFile(store.pathOf('two'), await readFile(store.pathOf('one')), { mode: 0o600 });
    await expect(store.get('two')).rejects.toMatchObject({ cause: { problem: 'corrupt' } });
  });

  it.skipIf(process.platform === 'win32')('is refused if others can read it', async () => {
    await store.set('one', 1);
    for (const mode of [0o644, 0o640, 0o604, 0o660]) {
      await chmod(store.pathOf('one'), mode);
      await expect(store.get('one')).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        cause: { problem: 'exposed', message: expect.stringContaining(`mode ${mode.toString(8)}`) },
      });
    }
    await store.set('one', 2);
    expect(await store.get('one')).toMatchObject({ value: 2 });
    expect(await modeOf(store.pathOf('one'))).toBe('600');
  });

  it.skipIf(process.platform === 'win32')('is refused if it is a link', async () => {
    await store.set('one', 1);
    await symlink(store.pathOf('one'), store.pathOf('two'));
    await expect(store.get('two')).rejects.toMatchObject({ cause: { problem: 'foreign' } });
    await store.set('two', 2);
    expect(await store.get('one')).toMatchObject({ value: 1 });
  });

  it.skipIf(process.platform === 'win32')('may lie in a folder that only others read', async () => {
    await chmod(store.folder, 0o755);
    await store.set('one', 1);
    expect(await modeOf(store.folder)).toBe('700');
    await chmod(store.folder, 0o777);
    await expect(store.set('one', 2)).rejects.toMatchObject({ cause: { problem: 'foreign' } });
    expect(await modeOf(store.folder)).toBe('777');
  });

  it.skipIf(process.getuid?.() !== 0)(
    'belongs to the folder’s owner when root writes it',
    async () => {
      await chown(store.folder, 12_345, 12_345);
      await store.set('one', 1);
      expect(await stat(store.pathOf('one'))).toMatchObject({ uid: 12_345, gid: 12_345 });
      expect(await store.get('one')).toMatchObject({ value: 1 });
    },
  );

  it('is a failure of the store, whatever the system says', async () => {
    await writeFile(join(store.folder, 'file'), '');
    const below = createRecordFolder({ folder: join(store.folder, 'file', 'below') });
    for (const call of [
      () => below.get('one'),
      () => below.set('one', 1),
      () => below.delete('one'),
      () => below.cleanup(),
      () => below.secret(),
      () => below.singleUse.put('one', '1', 1),
      () => below.singleUse.take('one'),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        cause: { code: 'ENOTDIR' },
      });
    }
  });
});
