import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  defineConfig,
  type TestProjectInlineConfiguration,
  type ViteUserConfig,
} from 'vitest/config';
import { unpublished } from './scripts/who-may-import.ts';

const source: string[] = ['@pawl/source', 'module', 'node', 'development|production'];

/**
 * One project per workspace folder. A folder that needs servers says so by having a
 * `test/global-setup.ts`; nothing else is to be registered here.
 */
function project(
  dir: string,
  name: string,
  alias: Record<string, string> = {},
  include: string[] = ['{src,test,examples}/**/*.test.ts', '*.test.ts'],
  provide: Partial<NonNullable<TestProjectInlineConfiguration['test']>['provide']> = {},
): TestProjectInlineConfiguration {
  const root = join(import.meta.dirname, dir);
  const setup = join(root, 'test/global-setup.ts');
  return {
    root,
    resolve: { conditions: source, alias },
    ssr: { resolve: { conditions: source } },
    // What global set-ups are loaded by.
    environments: { __vitest__: { resolve: { conditions: source } } },
    test: {
      name,
      include,
      globalSetup: existsSync(setup) ? [setup] : [],
      // A limit for what hangs, not for slow machines: the runner's 5 s are less than a busy one needs.
      setupFiles: [join(import.meta.dirname, 'scripts/property-time.ts')],
      testTimeout: 30_000,
      hookTimeout: 60_000,
      provide: { framework: 'hono', proxyIn: 'node', ...provide },
    },
  };
}

const folders = ['packages', 'apps'].flatMap((parent) =>
  readdirSync(join(import.meta.dirname, parent), { withFileTypes: true })
    .filter((entry) => existsSync(join(entry.parentPath, entry.name, 'package.json')))
    .map((entry) => ({ dir: `${parent}/${entry.name}`, name: entry.name })),
);

const portable = {
  '#crypto': join(import.meta.dirname, 'packages/core/src/crypto/portable.ts'),
};

const overService = [
  'first-edition',
  'login',
  'login-outcomes',
  'logins-under-way',
  'logout',
  'refresh',
  'rotation',
  'routes',
].map((name) => `test/${name}.test.ts`);

const overProxy = [
  'allowlist',
  'credentials',
  'expiry',
  'failures',
  'forward',
  'rotation',
  'slow-clients',
  'smuggling',
  'streams',
  'tls',
  'web-socket',
].map((name) => `test/proxy/${name}.test.ts`);

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      ...folders.map(({ dir, name }) => project(dir, name)),
      // Core's tests once more on the provider that edge runtimes get.
      project('packages/core', 'core:portable', portable),
      // The suites over the BFF's service, which is Hono's by default, and over its proxy, which is
      // mounted in nothing, under the other frameworks.
      ...(['express', 'fastify'] as const).map((name) =>
        project('packages/bff', `bff:${name}`, {}, [...overService, ...overProxy], {
          framework: name,
          proxyIn: name,
        }),
      ),
      project('packages/bff', 'bff:hono', {}, overProxy, { proxyIn: 'hono' }),
      project('scripts', 'house'),
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      exclude: ['**/*.test.ts', ...unpublished.map((name) => `packages/${name}/**`)],
    },
  },
});
export default config;
