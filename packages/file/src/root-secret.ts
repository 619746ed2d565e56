import { randomBytes } from 'node:crypto';
import type { RecordFiles } from './record-files.ts';

const id = 'root-secret';

/** Of all processes that ask at once, one makes it. */
export const rootSecret = async (folder: RecordFiles): Promise<string> => {
  const known = await read(folder);
  if (known !== undefined) return known;
  return folder.exclusive(id, async () => {
    const made = await read(folder);
    if (made !== undefined) return made;
    const value = randomBytes(32).toString('base64url');
    await folder.write({ id, value, expiresAt: null });
    return value;
  });
};

const read = async (folder: RecordFiles): Promise<string | undefined> => {
  const { content } = await folder.read(id);
  return typeof content?.value === 'string' ? content.value : undefined;
};
