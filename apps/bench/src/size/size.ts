import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What an edge runtime would load of the default entry. */
export interface Size {
  readonly minified: number;
  readonly gzipped: number;
  /** In bytes of gzipped size. */
  readonly limit: number;
  /** Minified bytes by where they come from, largest first. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
}

const limit = 14_000;

/** `…/node_modules/jose/…` is jose's; a file of core is its folder's. */
const ownerOf = (input: string): string => {
  const installed = input.split('node_modules/').at(-1) as string;
  if (installed !== input) {
    const [scope, name] = installed.split('/') as [string, string];
    return scope.startsWith('@') ? `${scope}/${name}` : scope;
  }
  const own = /packages\/core\/src\/(?:([^/]+)\/)?[^/]+$/.exec(input);
  return own ? `core ${own[1] ?? '(root)'}` : input;
};

/** Bundles everything that `@pawl/core` exports, with jose and the hash library. */
export const measureSize = async (): Promise<Size> => {
  const result = await build({
    stdin: {
      contents: "export * from '@pawl/core';",
      resolveDir: import.meta.dirname,
      sourcefile: 'entry.js',
    },
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    conditions: ['@pawl/source', 'browser'],
    mainFields: ['module', 'main'],
    logLevel: 'silent',
  });
  const [file] = result.outputFiles;
  const [output] = Object.values(result.metafile.outputs);
  if (!file || !output) throw new Error('one bundle was expected');
  const parts = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
    const owner = ownerOf(input);
    parts.set(owner, (parts.get(owner) ?? 0) + bytesInOutput);
  }
  return {
    minified: file.contents.length,
    gzipped: gzipSync(file.contents, { level: 9 }).length,
    limit,
    parts: [...parts]
      .map(([name, bytes]) => ({ name, bytes }))
      .filter(({ bytes }) => bytes > 0)
      .toSorted((a, b) => b.bytes - a.bytes),
  };
};

export const sizeText = ({ minified, gzipped, limit: most, parts }: Size): string =>
  [
    '\nsize of the default entry, jose and hashing included   (bytes)',
    `  minified and gzipped ${gzipped}  ≤ ${most} ${gzipped <= most ? 'holds' : 'FAILS'}`,
    `  minified ${minified}`,
    ...parts.map(({ name, bytes }) => `    ${name.padEnd(24)} ${String(bytes).padStart(6)}`),
  ].join('\n');
