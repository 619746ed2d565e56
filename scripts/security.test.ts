import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const promised = readFileSync(join(root, 'docs/security.md'), 'utf8').matchAll(
  /^\| ([A-Z]+-\d\d) /gm,
);

/** Lines of tests, and of the suites that the testkit publishes. */
const tests = execFileSync(
  'git',
  ['grep', '-hoE', '[A-Z]{2,3}-[0-9]{2}', '--', '*.test.ts', 'packages/testkit/src'],
  { cwd: root, encoding: 'utf8' },
);

test('each line that docs/security.md promises names a test', () => {
  const ids = Array.from(promised, ([, id]) => id);
  const tested = new Set(tests.split('\n'));
  expect(ids.length).toBeGreaterThan(80);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !tested.has(id as string))).toEqual([]);
});
