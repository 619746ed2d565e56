import { readFile } from 'node:fs/promises';

/** Returns the icon of both demos, as SVG. */
export const readIcon = (): Promise<string> =>
  readFile(new URL('./icon.svg', import.meta.url), 'utf8');
