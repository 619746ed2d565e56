import { builtinModules } from 'node:module';
import { defineConfig, type OxlintConfig, type OxlintOverride } from 'oxlint';
import { mayImport } from './scripts/who-may-import.ts';

/** A specifier that is refused, and the sentence its author reads. */
interface Refused {
  regex: string;
  message: string;
}

const names = Object.keys(mayImport);

function workspace(allowed: readonly string[]): Refused[] {
  const denied = names.filter((name) => !allowed.includes(name));
  return [
    {
      regex: `^@pawl/(${denied.join('|')})(/|$)`,
      message: `This file may import ${allowed.length === 0 ? 'no workspace package' : allowed.map((name) => `@pawl/${name}`).join(', ')}: see scripts/who-may-import.ts.`,
    },
  ];
}

const ownIndex: Refused = {
  regex: '^\\.{1,2}/(.*/)?index\\.[jt]s$',
  message: 'Import the file that has it, not an index: an index is for other packages.',
};
const otherSource: Refused = {
  regex: '^\\.\\./(.*/)?(src|dist)/',
  message: 'Import another package by its published name, never by path.',
};
const memoryByPath: Refused = {
  regex: '^(\\.\\./)+memory/',
  message: 'Only test/memory-store.ts imports packages/memory by its path: import that file.',
};
const builtins: Refused = {
  regex: `^(node:|(${builtinModules.filter((name) => !name.startsWith('node:')).join('|')})(/|$))`,
  message: 'Core runs on every runtime: only src/crypto/node.ts may reach Node.',
};
const jose: Refused = { regex: '^jose(/|$)', message: 'Only src/jwt is the door to jose.' };

function refuse(...patterns: Refused[]): NonNullable<OxlintConfig['rules']> {
  return { 'no-restricted-imports': ['error', { patterns }] };
}

const tests = ['**/*.test.ts', '**/test/**'];

/** Two rules can never be in force at once for one file: an override replaces, it does not add. */
const sources: OxlintOverride[] = names
  .filter((name) => name !== 'core')
  .map((name) => ({
    files: [`packages/${name}/src/**`],
    excludeFiles: tests,
    rules: refuse(...workspace(mayImport[name] ?? []), ownIndex, otherSource),
  }));

const inCore = [...workspace([]), ownIndex, otherSource];

const config: OxlintConfig = defineConfig({
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'vitest'],
  categories: { correctness: 'error' },
  ignorePatterns: ['**/dist/**', '**/coverage/**'],
  rules: {
    eqeqeq: 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-self-import': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/only-throw-error': ['error', { allowThrowingUnknown: true }],
    'typescript/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
    'typescript/switch-exhaustiveness-check': [
      'error',
      { considerDefaultExhaustiveForUnions: true },
    ],
    'unicorn/prefer-node-protocol': 'error',
    'vitest/no-disabled-tests': 'error',
    'vitest/no-focused-tests': 'error',
    'vitest/warn-todo': 'error',
  },
  overrides: [
    {
      files: ['packages/*/src/**'],
      excludeFiles: tests,
      rules: {
        'import/no-default-export': 'error',
        'max-lines': ['error', { max: 300 }],
        'no-console': ['error', { allow: ['warn', 'error'] }],
      },
    },
    ...sources,
    {
      files: ['packages/core/src/**'],
      excludeFiles: [...tests, 'packages/core/src/crypto/node.ts', 'packages/core/src/jwt/**'],
      rules: refuse(...inCore, builtins, jose),
    },
    {
      files: ['packages/core/src/jwt/**'],
      excludeFiles: tests,
      rules: refuse(...inCore, builtins),
    },
    { files: ['packages/core/src/crypto/node.ts'], rules: refuse(...inCore, jose) },
    {
      files: ['packages/core/src/**'],
      excludeFiles: [...tests, 'packages/core/src/crypto/node.ts'],
      rules: {
        'no-restricted-globals': ['error', 'Buffer', 'process', 'global', 'require', '__dirname'],
      },
    },
    // Core and HTTP are below testkit: their tests may not turn the arrow round.
    ...(['core', 'http'] as const).map((name) => ({
      files: [`packages/${name}/**/*.test.ts`, `packages/${name}/test/**`],
      excludeFiles: [`packages/${name}/test/memory-store.ts`],
      rules: refuse(...workspace([name, ...(mayImport[name] ?? [])]), memoryByPath),
    })),
    { files: ['apps/**'], excludeFiles: tests, rules: refuse(otherSource) },
  ],
});
export default config;
