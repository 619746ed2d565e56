import { readdir, stat } from 'node:fs/promises';

/** Returns the mode of a file, as `chmod` takes it. */
export const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

/** Returns the names in a folder, sorted. */
export const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).toSorted();
