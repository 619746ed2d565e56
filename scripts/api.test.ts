import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiPages } from './api/report.ts';
import { apiRules } from './api/rules.ts';
import { root } from './source/packages.ts';

test('docs/api says what the packages export (`pnpm run api` writes it)', {
  timeout: 60_000,
}, () => {
  const folder = join(root, 'docs/api');
  const committed = readdirSync(folder).map((file) => [
    file,
    readFileSync(join(folder, file), 'utf8'),
  ]);
  expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(apiPages()));
});

/** The rules that hold today. */
const held: readonly string[] = [
  'no name is in two entries of a package',
  'no type name has two meanings',
];

test('the public API keeps the rules', { timeout: 60_000 }, () => {
  const broken = Object.entries(apiRules()).filter(([rule]) => held.includes(rule));
  expect(broken.filter(([, uses]) => uses.length > 0)).toEqual([]);
});

/** Two entries that break each rule once. */
const entries = {
  'index.ts': `
    /** The time in ms. */
    export type Clock = () => number;
    export type Bare = string;
    /** Options of the function below. */
    export interface Options { readonly good?: string | undefined; readonly bad?: string }
    /**
     * Makes a thing.
     *
     * @example
     * createThing({});
     */
    export const createThing = (options: Options): Clock => () => Number(options.bad);
    /** Makes another thing. */
    export function createOther(): void {}
    /** Thrown when a thing breaks. */
    export class ThingError extends Error { override readonly name = 'ThingError' as const; }
    /** Thrown when a name is computed. */
    export class OtherError extends Error {}`,
  'other.ts': `export type { Clock } from './index.ts';
    /** Another thing of the same name. */
    export interface Options { readonly size: number }`,
};

test('each rule reports what breaks it, and no more', () => {
  const path = mkdtempSync(join(tmpdir(), 'pawl-api-'));
  try {
    const pkg = {
      folder: 'p',
      path,
      name: 'p',
      description: '',
      entries: Object.entries(entries).map(([file, text]) => {
        writeFileSync(join(path, file), text);
        return { name: `p/${file.slice(0, -3)}`, file: join(path, file) };
      }),
    };
    expect(Object.values(apiRules([pkg]))).toEqual([
      ['p/index and p/other: Clock', 'p/index and p/other: Options'],
      [expect.stringMatching(/^Options: .*index\.ts#Options and .*other\.ts#Options$/)],
      ['p/index Bare'],
      ['p/index createOther'],
      ['p/index OtherError'],
      ['p/index Options: bad'],
    ]);
  } finally {
    rmSync(path, { recursive: true });
  }
});
