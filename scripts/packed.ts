/**
 * What a user gets: every package packed, its manifest and types judged, installed from the
 * tarballs alone into an empty project, imported, required, type-checked, and core bundled for a
 * runtime that is not Node. Run it through `pnpm run check:packages`, which builds first.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { unpublished } from './who-may-import.ts';

interface Package {
  name: string;
  folder: string;
  tarball: string;
  /** What its users may import: the name itself and each subpath of its exports. */
  entries: string[];
}

const root = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'pawl-packed-'));
let failures = 0;

function run(command: string, args: string[], cwd: string): SpawnSyncReturns<string> {
  return spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function step(title: string, problem: string | undefined): void {
  console.log(`${problem === undefined ? 'ok  ' : 'FAIL'} ${title}`);
  if (problem === undefined) return;
  failures += 1;
  console.log(problem.trim().replace(/^/gm, '     '));
}

/** A step that is one command: its output is shown when it fails. */
function command(title: string, name: string, args: string[], cwd: string): void {
  const { status, error, stdout, stderr } = run(name, args, cwd);
  step(title, status === 0 ? undefined : `${error?.message ?? ''}${stdout}${stderr}`);
}

function pack(folder: string): Package {
  const cwd = join(root, 'packages', folder);
  const { name, exports } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, unknown>;
  };
  const entries = Object.keys(exports).map((subpath) => name + subpath.slice(1));
  const tarball = join(work, `${folder}.tgz`);
  command(`${name}: packs`, 'pnpm', ['pack', '--out', tarball], cwd);
  return { name, folder, tarball, entries };
}

function judge({ name, tarball }: Package): void {
  const files = run('tar', ['-tzf', tarball], work).stdout.trim().split('\n');
  const missing = ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts'].filter(
    (file) => !files.includes(`package/${file}`),
  );
  const stray = files.filter((file) => /\.test\.|^package\/(src|test)\//.test(file));
  step(
    `${name}: holds what it must and nothing else`,
    missing.length + stray.length === 0
      ? undefined
      : `missing: ${missing.join(', ')}\nstray: ${stray.join(', ')}`,
  );
  const manifest = run('tar', ['-xzOf', tarball, 'package/package.json'], work).stdout;
  const left = ['@pawl/source', 'workspace:', 'catalog:'].filter((word) => manifest.includes(word));
  step(
    `${name}: its manifest is free of the repository`,
    manifest !== '' && left.length === 0 ? undefined : `left in package.json: ${left.join(', ')}`,
  );
  command(`${name}: publint`, 'publint', ['run', tarball, '--strict'], root);
  command(`${name}: types resolve`, 'attw', [tarball, '--profile', 'esm-only'], root);
}

/** An empty project that knows the packages by their tarballs only. */
function consumer(packages: Package[]): string {
  const cwd = join(work, 'consumer');
  mkdirSync(cwd);
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const tarballs = Object.fromEntries(
    packages.map(({ name, tarball }) => [name, `file:${tarball}`]),
  );
  writeFileSync(
    join(cwd, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: tarballs,
      devDependencies: {
        '@types/node': devDependencies['@types/node'],
        typescript: devDependencies['typescript'],
      },
    }),
  );
  writeFileSync(
    join(cwd, 'pnpm-workspace.yaml'),
    JSON.stringify({ overrides: tarballs, allowBuilds: { esbuild: false } }),
  );
  command('the tarballs install', 'pnpm', ['install', '--prefer-offline'], cwd);
  return cwd;
}

function use(packages: Package[], cwd: string): void {
  for (const name of packages.flatMap(({ entries }) => entries)) {
    const code = `
      import { createRequire } from 'node:module';
      const imported = Object.keys(await import('${name}')).sort().join();
      const required = Object.keys(createRequire(import.meta.url)('${name}')).sort().join();
      if (imported !== required) throw new Error(imported + ' is not ' + required);`;
    const args = ['--input-type=module', '--eval', code];
    command(`${name}: imports and requires`, process.execPath, args, cwd);
  }
  const imports = packages
    .flatMap(({ entries }) => entries)
    .map((entry, i) => `import * as p${i} from '${entry}';\nvoid p${i};\n`);
  writeFileSync(join(cwd, 'types.ts'), imports.join(''));
  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const options = ['--strict', '--noEmit', '--target', 'es2023', '--types', 'node'];
    command(
      `the types hold under ${resolution}`,
      'tsc',
      [
        ...options,
        '--skipLibCheck',
        'false',
        '--module',
        module,
        '--moduleResolution',
        resolution,
        'types.ts',
      ],
      cwd,
    );
  }
}

/** Edge runtimes have neither `node:` modules nor Buffer. */
async function bundleForTheEdge(cwd: string): Promise<void> {
  writeFileSync(join(cwd, 'edge.js'), "export * from '@pawl/core';");
  const title = '@pawl/core: bundles for a runtime that is not Node';
  try {
    const { outputFiles } = await build({
      absWorkingDir: cwd,
      entryPoints: ['edge.js'],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      conditions: ['worker', 'browser'],
      logLevel: 'silent',
    });
    const text = outputFiles[0]?.text ?? '';
    const found = /.{0,60}(\bnode:|\bBuffer\b).{0,60}/.exec(text)?.[0];
    step(title, found ?? (text.length < 1000 ? 'the bundle is empty' : undefined));
  } catch (error) {
    step(title, String(error));
  }
}

try {
  const published = readdirSync(join(root, 'packages')).filter(
    (folder) => !unpublished.includes(folder),
  );
  const packages = published.map(pack);
  for (const each of packages) judge(each);
  const cwd = consumer(packages);
  use(packages, cwd);
  await bundleForTheEdge(cwd);
} finally {
  rmSync(work, { recursive: true });
}
console.log(failures === 0 ? 'The packages are fit to publish.' : `${failures} checks failed.`);
process.exitCode = failures === 0 ? 0 : 1;
