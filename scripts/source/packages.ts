/** The workspace as its manifests describe it: packages, their entries, and where imports lead. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unpublished } from '../who-may-import.ts';

export const root: string = join(import.meta.dirname, '../..');

/** One subpath that a package exports. */
export interface Entry {
  /** What an import says: `@pawl/core/jwt`. */
  readonly name: string;
  /** Its source file, absolute. */
  readonly file: string;
}

export interface Package {
  /** The folder in `packages/`. */
  readonly folder: string;
  /** The same, absolute. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly entries: readonly Entry[];
}

interface Conditions {
  readonly [condition: string]: string | Conditions;
}

interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly exports?: Record<string, string | Conditions>;
  readonly imports?: Record<string, string | Conditions>;
}

/** Every file that a target of an `exports` or `imports` map leads to inside the repository. */
function sourcesOf(target: string | Conditions): string[] {
  if (typeof target === 'string') return [target];
  const source = target['@pawl/source'];
  return source === undefined
    ? Object.values(target).flatMap(sourcesOf)
    : sourcesOf(source).filter((file) => file.endsWith('.ts'));
}

const manifests = new Map<string, Manifest>();

function readManifest(folder: string): Manifest {
  const known = manifests.get(folder);
  if (known) return known;
  const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
  const manifest = JSON.parse(text) as Manifest;
  manifests.set(folder, manifest);
  return manifest;
}

function readPackage(folder: string): Package {
  const { name, description = '', exports = {} } = readManifest(`packages/${folder}`);
  const entries = Object.entries(exports).flatMap(([subpath, target]) =>
    sourcesOf(target)
      .slice(0, 1)
      .map((file) => ({
        name: name + subpath.slice(1),
        file: join(root, 'packages', folder, file),
      })),
  );
  return { folder, path: join(root, 'packages', folder), name, description, entries };
}

const packages: readonly Package[] = readdirSync(join(root, 'packages'))
  .filter((folder) => existsSync(join(root, 'packages', folder, 'package.json')))
  .map(readPackage);

export const publishedPackages: readonly Package[] = packages.filter(
  ({ folder }) => !unpublished.includes(folder),
);

const entryFiles = new Map(
  packages.flatMap(({ entries }) => entries.map(({ name, file }) => [name, file] as const)),
);

/** The files that an import of the file's own package leads to: `#crypto` has one per runtime. */
function resolvePrivateImport(from: string, specifier: string): string[] {
  const [, folder = ''] = /^.*?((?:packages|apps)\/[^/]+)\//.exec(from.slice(root.length)) ?? [];
  const target = folder === '' ? undefined : readManifest(folder).imports?.[specifier];
  return target === undefined ? [] : sourcesOf(target).map((file) => join(root, folder, file));
}

/** The source files that an import leads to: none for a package from outside. */
export function resolveImport(from: string, specifier: string): string[] {
  if (specifier.startsWith('.')) {
    const file = join(dirname(from), specifier);
    return file.endsWith('.ts') && existsSync(file) ? [file] : [];
  }
  if (specifier.startsWith('#')) return resolvePrivateImport(from, specifier);
  const entry = entryFiles.get(specifier);
  return entry === undefined ? [] : [entry];
}
