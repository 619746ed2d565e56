import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** The size of the code that a runtime loads for one use of `@pawl/core`. */
export interface Size {
  readonly name: string;
  readonly minified: number;
  readonly gzipped: number;
  /** The bound of the gzipped size, in bytes; null if there is none. */
  readonly limit: number | null;
  /** Minified bytes by origin, largest first. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
}

interface Entry {
  readonly name: string;
  readonly contents: string;
  readonly limit?: number;
}

const all = ['', '/jwt', '/api-keys', '/single-use', '/rate-limits', '/store'];

const entries: readonly Entry[] = [
  // Sessions with opaque tokens: jose is not among its dependencies.
  { name: 'the default entry', contents: "export * from '@pawl/core';", limit: 14_000 },
  {
    name: 'createSessions alone',
    contents: "export { createSessions } from '@pawl/core';",
  },
  {
    name: 'createSessions and jwtAccessTokens',
    contents: `export { createSessions } from '@pawl/core';
      export { jwtAccessTokens } from '@pawl/core/jwt';`,
  },
  { name: 'the entry /jwt', contents: "export * from '@pawl/core/jwt';" },
  {
    name: 'all entries together',
    contents: all.map((entry) => `export * from '@pawl/core${entry}';`).join('\n'),
  },
];

/** The package that contains a file, or the folder of core. */
const ownerOf = (input: string): string => {
  const installed = input.split('node_modules/').at(-1) as string;
  if (installed !== input) {
    const [scope, name] = installed.split('/') as [string, string];
    return scope.startsWith('@') ? `${scope}/${name}` : scope;
  }
  const own = /packages\/core\/src\/(?:([^/]+)\/)?[^/]+$/.exec(input);
  return own ? `core ${own[1] ?? '(root)'}` : input;
};

/** Bundles an entry with its dependencies, as for a browser or an edge runtime. */
const measureEntry = async ({ name, contents, limit }: Entry): Promise<Size> => {
  const result = await build({
    stdin: {
      contents,
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
  if (!file || !output) throw new Error('esbuild returned no bundle');
  const parts = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
    const owner = ownerOf(input);
    parts.set(owner, (parts.get(owner) ?? 0) + bytesInOutput);
  }
  return {
    name,
    minified: file.contents.length,
    gzipped: gzipSync(file.contents, { level: 9 }).length,
    limit: limit ?? null,
    parts: [...parts]
      .map(([owner, bytes]) => ({ name: owner, bytes }))
      .filter(({ bytes }) => bytes > 0)
      .toSorted((a, b) => b.bytes - a.bytes),
  };
};

/** Measures one entry after the other, because esbuild uses all cores for each. */
export const measureSizes = async (): Promise<Size[]> => {
  const sizes: Size[] = [];
  for (const entry of entries) sizes.push(await measureEntry(entry));
  return sizes;
};

export const fits = ({ gzipped, limit }: Size): boolean => limit === null || gzipped <= limit;

const sizeLine = (size: Size): string => {
  const { name, minified, gzipped, limit } = size;
  const verdict = limit === null ? '' : `  ≤ ${limit} ${fits(size) ? 'holds' : 'FAILS'}`;
  return `  ${name.padEnd(52)} ${gzipped}, minified ${minified}${verdict}`;
};

/** Formats the sizes as text, with the parts of the first one. */
export const sizesText = (sizes: readonly Size[]): string =>
  [
    '\nsize, dependencies included, minified and gzipped   (bytes)',
    ...sizes.map(sizeLine),
    `  minified parts of ${sizes[0]?.name}:`,
    ...(sizes[0]?.parts ?? []).map(
      ({ name, bytes }) => `    ${name.padEnd(24)} ${String(bytes).padStart(6)}`,
    ),
  ].join('\n');
