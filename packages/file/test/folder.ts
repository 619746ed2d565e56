import { readdir, stat } from 'node:fs/promises';

/** Who may do what, as `chmod` takes it. */
export const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

/** What stands in a folder, in order. */
export const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).toSorted();
