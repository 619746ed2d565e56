import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

// A lint rule that has gone quiet looks like clean code. So: each of these files is reported …
const refused: Record<string, [source: string, rule: string]> = {
  'packages/core/src/builtin.ts': ["import 'node:fs';", 'no-restricted-imports'],
  'packages/core/src/bare-builtin.ts': ["import 'fs/promises';", 'no-restricted-imports'],
  'packages/core/src/workspace.ts': ["import '@pawl/memory';", 'no-restricted-imports'],
  'packages/core/src/itself.ts': ["import '@pawl/core';", 'no-restricted-imports'],
  'packages/core/src/jose.ts': ["import 'jose';", 'no-restricted-imports'],
  'packages/core/src/jose-lazily.ts': ["await import('jose');", 'no-restricted-imports'],
  'packages/core/src/session/index-up.ts': ["import '../index.ts';", 'no-restricted-imports'],
  'packages/core/src/jwt/builtin.ts': ["import 'node:crypto';", 'no-restricted-imports'],
  'packages/core/src/jwt/workspace.ts': ["import '@pawl/http';", 'no-restricted-imports'],
  'packages/core/src/crypto/node.ts': ["import 'jose';", 'no-restricted-imports'],
  'packages/core/src/crypto/portable.ts': ["import 'node:crypto';", 'no-restricted-imports'],
  'packages/core/src/buffer.ts': ["export const b = Buffer.from('');", 'no-restricted-globals'],
  'packages/core/src/session/up.test.ts': ["import '@pawl/testkit';", 'no-restricted-imports'],
  'packages/core/test/store.test.ts': [
    "import '../../memory/src/store.ts';",
    'no-restricted-imports',
  ],
  'packages/http/test/up.test.ts': ["import '@pawl/testkit';", 'no-restricted-imports'],
  'packages/memory/src/adapter.ts': ["import '@pawl/redis';", 'no-restricted-imports'],
  'packages/memory/src/testkit.ts': ["import '@pawl/testkit';", 'no-restricted-imports'],
  'packages/memory/src/servers.ts': ["import '@pawl/servers';", 'no-restricted-imports'],
  'packages/servers/src/core.ts': ["import '@pawl/core';", 'no-restricted-imports'],
  'packages/memory/src/path.ts': ["import '../../core/src/a.ts';", 'no-restricted-imports'],
  'packages/hono/src/store.ts': ["import type { A } from '@pawl/memory';", 'no-restricted-imports'],
  'packages/hono/src/binding.ts': ["export { a } from '@pawl/express';", 'no-restricted-imports'],
  'packages/http/src/default.ts': ['export default 1;', 'no-default-export'],
  'packages/http/src/floating.ts': ['Promise.resolve(1);', 'no-floating-promises'],
  'packages/http/src/any.ts': ['export const a: any = 1;', 'no-explicit-any'],
  'packages/http/src/console.ts': ["console.log('a');", 'no-console'],
  'packages/http/src/long.ts': ['// a\n'.repeat(301), 'max-lines'],
  'packages/http/src/egg.ts': ["import { h } from './hen.ts';\nexport const e = h;", 'no-cycle'],
  'packages/http/src/hen.ts': [
    "import type { e } from './egg.ts';\nexport const h = 1 as typeof e;",
    'no-cycle',
  ],
  'packages/http/src/only.test.ts': [
    "import { test } from 'vitest';\ntest.only('a', () => {});",
    'no-focused-tests',
  ],
  'packages/http/src/skip.test.ts': [
    "import { test } from 'vitest';\ntest.skip('a', () => {});",
    'no-disabled-tests',
  ],
  'apps/demo/src/path.ts': ["import '../../../packages/core/src/a.ts';", 'no-restricted-imports'],
};

// … and none of these.
const allowed: Record<string, string> = {
  'packages/core/src/jwt/sign.ts': "import 'jose';",
  'packages/core/src/crypto/node.ts': "import 'node:crypto';",
  'packages/core/src/crypto/portable.ts': "import '@noble/hashes/sha2.js';",
  'packages/core/src/session/create.ts': "import '#crypto';\nimport '../clock.ts';",
  'packages/core/test/memory-store.ts': "import '../../memory/src/store.ts';",
  'packages/memory/src/store.ts': "import '@pawl/core';",
  'packages/memory/test/global-setup.ts': "import '@pawl/servers';",
  'packages/memory/test/contract.test.ts': "import '@pawl/testkit';\nimport '../src/index.ts';",
  'packages/hono/src/guard.ts': "import '@pawl/http';\nimport 'hono';",
  'apps/bench/src/main.ts': "import '@pawl/servers';",
  'apps/demo/src/main.ts': "import '@pawl/memory';\nimport '@pawl/hono';\nimport 'node:http';",
};

const root = join(import.meta.dirname, '..');

/** What oxlint, with the house's configuration, says about a tree of these files: `file rule`. */
function lint(files: Record<string, string>): string[] {
  const tree = mkdtempSync(join(tmpdir(), 'pawl-lint-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    writeFileSync(
      join(tree, 'oxlint.config.ts'),
      `export { default } from ${JSON.stringify(join(root, 'oxlint.config.ts'))};`,
    );
    writeFileSync(join(tree, 'tsconfig.json'), '{"include": ["packages", "apps"]}');
    for (const [file, source] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), source);
    }
    const run = spawnSync('oxlint', ['--format=json', 'packages', 'apps'], {
      cwd: tree,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}` },
    });
    const report = JSON.parse(run.stdout) as { diagnostics: { filename: string; code: string }[] };
    return report.diagnostics.map(
      ({ filename, code }) => `${filename} ${code.replace(/^.*\((.*)\)$/, '$1')}`,
    );
  } finally {
    rmSync(tree, { recursive: true });
  }
}

test('every house rule reports a file that breaks it', { timeout: 30_000 }, () => {
  const found = lint(
    Object.fromEntries(Object.entries(refused).map(([file, [source]]) => [file, source])),
  );
  const missed = Object.entries(refused)
    .map(([file, [, rule]]) => `${file} ${rule}`)
    .filter((expected) => !found.includes(expected));
  expect(missed).toEqual([]);
});

test('what the design allows is not reported', { timeout: 30_000 }, () => {
  expect(lint(allowed)).toEqual([]);
});
