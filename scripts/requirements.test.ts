import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Where the ids are defined, and by which lines. */
const pages = {
  'docs/security.md': /^\| ([A-Z]+-\d\d) /gm,
  'docs/behaviours.md': /^\| ([A-Z]\d+) /gm,
  'docs/rotation.md': /^- \*\*(I\d)\*\*/gm,
};

/** Tests, the suites that the testkit publishes, and the experiments of `apps/chaos`. */
const tests = ['*.test.ts', ':!scripts', 'packages/testkit/src/*.ts', 'apps/chaos/src/*.ts'];

/** An id as a test cites it. A dot in it (`A.17`) is found too, and no page defines such an id. */
const citation = /(?<![\w%\\./-])(?:[A-Z]{2,3}-\d\d|[A-EIS]\.?\d{1,2})(?![\w-]|\.\d)/g;
const noId = new Set(['UTF-16']);

const defined = Object.entries(pages).flatMap(([page, line]) =>
  Array.from(readFileSync(join(root, page), 'utf8').matchAll(line), ([, id]) => ({
    page,
    id: id as string,
  })),
);

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...tests],
  { cwd: root, encoding: 'utf8' },
);
const cited = new Map<string, string>();
for (const file of files.trim().split('\n')) {
  // A file that is deleted and not yet staged is listed still.
  if (!existsSync(join(root, file))) continue;
  for (const [id] of readFileSync(join(root, file), 'utf8').matchAll(citation)) {
    if (!noId.has(id)) cited.set(id, file);
  }
}

test('no id is defined twice', () => {
  const ids = defined.map(({ id }) => id);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});

describe.each(Object.keys(pages))('%s', (page) => {
  const ids = defined.filter((line) => line.page === page).map(({ id }) => id);

  test('a test cites each id', () => {
    expect(ids.length).toBeGreaterThan(5);
    expect(ids.filter((id) => !cited.has(id))).toEqual([]);
  });
});

test('no test cites an id that the pages do not define', () => {
  const known = new Set(defined.map(({ id }) => id));
  expect([...cited].filter(([id]) => !known.has(id))).toEqual([]);
});
