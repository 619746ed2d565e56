/**
 * What the tree itself must keep, beyond what the linter sees: manifests follow
 * `who-may-import.ts`, folders are concepts, entry files name their exports, and every published
 * package has the same shape. A value is known by what it is, not by its class. Nothing imports in a circle, `import()` included, which the linter
 * does not follow. `pnpm run check:house` also lints imports.
 */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { foreignIdentities } from './source/class-identity.ts';
import { circlesIn, importGraph, sourceFiles } from './source/imports.ts';
import { coreDependencies, mayImport, unpublished } from './who-may-import.ts';

interface Manifest {
  name: string;
  version?: string;
  private?: boolean;
  type?: string;
  sideEffects?: boolean;
  engines?: { node?: string };
  files?: string[];
  exports?: unknown;
  publishConfig?: { access?: string; exports?: unknown; imports?: unknown };
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const root = join(import.meta.dirname, '..');
const problems: string[] = [];

function check(holds: boolean, problem: string): void {
  if (!holds) problems.push(problem);
}

function inWorkspace(dependencies: Record<string, string> = {}): string[] {
  return Object.keys(dependencies).filter((name) => name.startsWith('@pawl/'));
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

/** The workspace's own folders: one that was renamed may leave its `node_modules` behind. */
function foldersIn(parent: string): string[] {
  return readdirSync(join(root, parent)).filter((folder) =>
    existsSync(join(root, parent, folder, 'package.json')),
  );
}

/** What every package that goes to the registry needs. */
function checkPublished(at: string, manifest: Manifest): void {
  check(manifest.sideEffects === false, `${at}: sideEffects is not false`);
  check(manifest.engines?.node === '>=22', `${at}: engines.node is not >=22`);
  check(manifest.publishConfig?.access === 'public', `${at}: publishConfig.access is not public`);
  check(
    JSON.stringify(manifest.exports).includes('"@pawl/source"'),
    `${at}: exports has no @pawl/source condition`,
  );
  check(
    manifest.publishConfig?.exports !== undefined &&
      !JSON.stringify(manifest.publishConfig).includes('@pawl/source'),
    `${at}: publishConfig.exports does not remove the @pawl/source condition`,
  );
  check(existsSync(join(root, at, 'README.md')), `${at}: no README.md`);
  const changelog = join(root, at, 'CHANGELOG.md');
  const newest = existsSync(changelog) && /^## (.*)$/m.exec(readFileSync(changelog, 'utf8'))?.[1];
  check(newest === manifest.version, `${at}/CHANGELOG.md: does not begin with the version`);
}

for (const folder of foldersIn('packages')) {
  const at = `packages/${folder}`;
  const manifest = manifestOf(at);
  const allowed = mayImport[folder];
  if (allowed === undefined) {
    problems.push(`${at}: no line in scripts/who-may-import.ts`);
    continue;
  }
  check(manifest.name === `@pawl/${folder}`, `${at}: the name is not @pawl/${folder}`);
  check(manifest.type === 'module', `${at}: not ESM ("type": "module")`);
  if (manifest.private === true) {
    check(unpublished.includes(folder), `${at}: private, but not in scripts/who-may-import.ts`);
  } else {
    checkPublished(at, manifest);
  }

  const runtime = { ...manifest.dependencies, ...manifest.peerDependencies };
  for (const dependency of inWorkspace(runtime)) {
    check(
      allowed.some((name) => dependency === `@pawl/${name}`),
      `${at}: may not depend on ${dependency} (scripts/who-may-import.ts)`,
    );
  }
  if (folder === 'core') {
    const foreign = Object.keys(runtime).filter((name) => !coreDependencies.includes(name));
    check(foreign.length === 0, `${at}: may not depend on ${foreign.join(', ')}`);
    const workspace = inWorkspace(manifest.devDependencies);
    check(workspace.length === 0, `${at}: is below ${workspace.join(', ')}, even in its tests`);
  }
  if (allowed.length === 1 && allowed[0] === 'http') {
    const sources = globSync('src/**/*.ts', { cwd: join(root, at), exclude: ['**/*.test.ts'] });
    const text = sources.map((file) => readFileSync(join(root, at, file), 'utf8')).join('');
    check(text.split('\n').length <= 200, `${at}: a binding translates, in at most 200 lines`);
  }
  for (const entry of globSync('src/index.ts', { cwd: join(root, at) })) {
    const source = readFileSync(join(root, at, entry), 'utf8');
    check(!/^\s*export\s*\*/m.test(source), `${at}/${entry}: export * hides what is public`);
  }
}

for (const app of foldersIn('apps')) {
  check(manifestOf(`apps/${app}`).private === true, `apps/${app}: not private`);
}

const workspaceFile = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
const catalog = /^catalog:\n((?: +.*\n)+)/m.exec(workspaceFile)?.[1] ?? '';
const shared = new Set([...catalog.matchAll(/^ +'?([^':]+)'?:/gm)].map((match) => match[1]));
check(shared.size > 0, 'pnpm-workspace.yaml: no catalog found');
for (const folder of [
  '.',
  ...globSync('{packages,apps}/*/package.json', { cwd: root }).map(dirname),
]) {
  const { dependencies, devDependencies } = manifestOf(folder);
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    check(
      !shared.has(name) || version === 'catalog:',
      `${folder}: ${name} is in the catalog, so its version here is "catalog:"`,
    );
  }
}

const nameless = new Set(['utils', 'util', 'helpers', 'helper', 'lib', 'common', 'misc', 'shared']);
for (const path of globSync('{packages,apps}/*/{src,test}/**', { cwd: root })) {
  check(
    !nameless.has(basename(path).replace(/\.ts$/, '')),
    `${path}: say what it is; this name says nothing`,
  );
}

/** The graph of `who-may-import.ts` must have an order, or "up" and "down" mean nothing. */
function findCycle(name: string, path: readonly string[]): void {
  if (path.includes(name)) {
    problems.push(`scripts/who-may-import.ts: cycle ${[...path, name].join(' → ')}`);
    return;
  }
  for (const next of mayImport[name] ?? []) findCycle(next, [...path, name]);
}
for (const name of Object.keys(mayImport)) findCycle(name, []);

for (const [name, allowed] of Object.entries(mayImport)) {
  for (const other of allowed.filter((each) => unpublished.includes(each))) {
    problems.push(`scripts/who-may-import.ts: ${name} may not import ${other}: it is unpublished`);
  }
}

const files = sourceFiles();
for (const circle of circlesIn(importGraph(files))) {
  problems.push(`imports in a circle: ${circle.join(', ')}`);
}

/** A reader takes in a folder at one look; tests are counted by themselves. */
const mostFiles = 25;
const isTest = (file: string): boolean => file.endsWith('.test.ts');
for (const some of [files.filter(isTest), files.filter((file) => !isTest(file))]) {
  for (const [folder, { length }] of Map.groupBy(some, (file) => dirname(file))) {
    if (length > mostFiles) problems.push(`${folder}: ${length} files, but at most ${mostFiles}`);
  }
}

for (const path of globSync('packages/*/src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts'] })) {
  for (const name of foreignIdentities(readFileSync(join(root, path), 'utf8'))) {
    problems.push(`${path}: instanceof ${name}: check what the value is (core/src/value-kinds.ts)`);
  }
}

const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
check(
  !/^\s*(resolution:.*)?tarball: *['"]?https?:/m.test(lockfile),
  'pnpm-lock.yaml: names a registry host; install without a registry of your own',
);

for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'The house is in order.' : `${problems.length} broken rules.`);
process.exitCode = problems.length === 0 ? 0 : 1;
