import { defineConfig } from 'tsup';

/** A tsup configuration, named here so that each package's config can declare its type. */
export type LibraryConfig = ReturnType<typeof defineConfig>;

/**
 * How every published package becomes JavaScript: ESM, unbundled dependencies, source maps.
 * `tsc -p tsconfig.build.json` writes the types beside it.
 *
 * @param entry output name → source file; one `index` unless a package says otherwise
 * @param external specifiers that stay imports although they are not dependencies (core's `#crypto`)
 */
export function library(
  entry: Record<string, string> = { index: 'src/index.ts' },
  external: (string | RegExp)[] = [],
): LibraryConfig {
  return defineConfig({
    entry,
    external: [/^node:/, ...external],
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    outDir: 'dist',
    sourcemap: true,
    clean: true,
    dts: false,
    // `crypto` without its protocol is an npm package's name on runtimes other than Node.
    removeNodeProtocol: false,
  });
}
