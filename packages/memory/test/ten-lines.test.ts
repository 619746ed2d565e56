import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSecret } from '@pawl/core';
import { afterAll, expect, it, vi } from 'vitest';

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');

it('the ten lines of the README are the start of a file that compiles', () => {
  const [lines] = read('ten-lines.ts').split('\n/** What the test');
  expect(read('../../../README.md')).toContain(`\n${lines}\`\`\``);
});

afterAll(() => vi.unstubAllEnvs());

it('the ten lines of the README do what their comments say', async () => {
  vi.stubEnv('PAWL_SECRET', generateSecret());
  const { seen } = await import('./ten-lines.ts');
  expect(seen.auth).toMatchObject({ userId: 'ada', claims: { role: 'admin' } });
  expect(seen.next).toMatchObject({ userId: 'ada', outcome: 'rotated' });
  expect(seen.refusal).toMatchObject({ code: 'ERR_SESSION_REVOKED' });
});
