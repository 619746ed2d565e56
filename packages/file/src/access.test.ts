import { chmod, chown, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreUnavailableError } from '@pawl/core';
import { newCallId } from '@pawl/core/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modeOf } from '../test/folder.ts';
import { createRecordFolder } from './record-folder.ts';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from './testing.ts';

let records: TemporaryRecordFolder;

beforeEach(async () => {
  records = await createTemporaryRecordFolder();
});
afterEach(() => records.remove());

describe('a file that cannot be trusted', () => {
  it.each(['', 'secret', '{"version":1}', '{"version":2,"id":"one","expiresAt":null,"value":1}'])(
    'is an error without its content, not a missing record: %s',
    async (text) => {
      await writeFile(records.pathOf('one'), text, { mode: 0o600 });
      const error = await records.get('one').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error).toMatchObject({ cause: { problem: 'corrupt', path: records.pathOf('one') } });
      expect(String((error as Error).cause)).not.toContain('secret');
      await records.set('one', 'healed');
      expect(await records.get('one')).toMatchObject({ value: 'healed' });
    },
  );

  it('is refused under another id', async () => {
    await records.set('one', 1);
    await writeFile(records.pathOf('two'), await readFile(records.pathOf('one')), { mode: 0o600 });
    await expect(records.get('two')).rejects.toMatchObject({ cause: { problem: 'corrupt' } });
  });

  it.skipIf(process.platform === 'win32')('is refused if others can read it', async () => {
    await records.set('one', 1);
    for (const mode of [0o644, 0o640, 0o604, 0o660]) {
      await chmod(records.pathOf('one'), mode);
      await expect(records.get('one')).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        cause: { problem: 'exposed', message: expect.stringContaining(`mode ${mode.toString(8)}`) },
      });
    }
    await records.set('one', 2);
    expect(await records.get('one')).toMatchObject({ value: 2 });
    expect(await modeOf(records.pathOf('one'))).toBe('600');
  });

  it.skipIf(process.platform === 'win32')('is refused if it is a link', async () => {
    await records.set('one', 1);
    await symlink(records.pathOf('one'), records.pathOf('two'));
    await expect(records.get('two')).rejects.toMatchObject({ cause: { problem: 'foreign' } });
    await records.set('two', 2);
    expect(await records.get('one')).toMatchObject({ value: 1 });
  });

  it.skipIf(process.platform === 'win32')('may lie in a folder that only others read', async () => {
    await chmod(records.folder, 0o755);
    await records.set('one', 1);
    expect(await modeOf(records.folder)).toBe('700');
    await chmod(records.folder, 0o777);
    await expect(records.set('one', 2)).rejects.toMatchObject({ cause: { problem: 'foreign' } });
    expect(await modeOf(records.folder)).toBe('777');
  });

  it.skipIf(process.getuid?.() !== 0)(
    'belongs to the folder’s owner if root writes it',
    async () => {
      await chown(records.folder, 12_345, 12_345);
      await records.set('one', 1);
      expect(await stat(records.pathOf('one'))).toMatchObject({ uid: 12_345, gid: 12_345 });
      expect(await records.get('one')).toMatchObject({ value: 1 });
    },
  );

  it('is a StoreUnavailableError, whatever the system reports', async () => {
    await writeFile(join(records.folder, 'file'), '');
    const below = createRecordFolder({ folder: join(records.folder, 'file', 'below') });
    for (const call of [
      () => below.get('one'),
      () => below.set('one', 1),
      () => below.delete('one'),
      () => below.cleanup(),
      () => below.secret(),
      () => below.singleUse.put('one', '1', 1, newCallId()),
      () => below.singleUse.take('one', newCallId()),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        cause: { code: 'ENOTDIR' },
      });
    }
  });
});
