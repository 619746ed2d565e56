import { randomBytes } from 'node:crypto';
import type { RecordFiles } from './record-files.ts';

const id = 'root-secret';

/** Returns the root secret of the folder. The first call creates it, in one process only. */
export const rootSecret = async (folder: RecordFiles): Promise<string> => {
  const existing = await read(folder);
  if (existing !== undefined) return existing;
  return folder.exclusive(id, async () => {
    const created = await read(folder);
    if (created !== undefined) return created;
    const value = randomBytes(32).toString('base64url');
    await folder.write({ id, value, expiresAt: null });
    return value;
  });
};

const read = async (folder: RecordFiles): Promise<string | undefined> => {
  const { content } = await folder.read(id);
  return typeof content?.value === 'string' ? content.value : undefined;
};
