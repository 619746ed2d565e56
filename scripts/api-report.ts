/**
 * Writes `docs/api`: every entry of every published package, with each export's kind, first
 * sentence and signature. `pnpm run api` runs it, and `api.test.ts` fails while the committed
 * pages differ. With `--rules` it writes nothing and counts what breaks the rules of `api/rules.ts`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiPages } from './api/report.ts';
import { apiRules } from './api/rules.ts';
import { root } from './source/packages.ts';

function countBroken(): void {
  for (const [rule, broken] of Object.entries(apiRules())) {
    console.log(`${rule}: ${broken.length}`);
    for (const each of broken) console.log(`  ${each}`);
  }
}

function write(): void {
  const folder = join(root, 'docs/api');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, page] of apiPages()) writeFileSync(join(folder, file), page);
}

if (process.argv.includes('--rules')) countBroken();
else write();
