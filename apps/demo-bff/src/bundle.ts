import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Puts a script or a style sheet together with what it imports. @param path below this folder */
export const bundle = async (path: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, path)],
    bundle: true,
    format: 'esm',
    target: 'es2023',
    minify: true,
    legalComments: 'none',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};

/** @param path below this folder */
export const textOf = (path: string): Promise<string> =>
  readFile(join(import.meta.dirname, path), 'utf8');
