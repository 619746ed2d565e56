import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createTemporaryRecordFolder } from './testing.ts';

it('D6: a temporary record folder is a folder of its own, gone at the end of its block', async () => {
  let folder: string;
  {
    await using one = await createTemporaryRecordFolder();
    await using other = await createTemporaryRecordFolder();
    folder = one.folder;
    await one.set('ada', 1);
    expect(existsSync(folder)).toBe(true);
    expect(await other.get('ada')).toBeUndefined();
  }
  expect(existsSync(folder)).toBe(false);
});
