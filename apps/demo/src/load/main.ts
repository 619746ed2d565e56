/**
 * Many users at once against one demo: no 5xx, no session lost, memory flat.
 *
 * LOAD_USERS (200) and LOAD_SECONDS (60) say how many and how long; FRAMEWORK and STORE are the
 * demo's own. Exits with 1 where one of the three does not hold.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMeasured } from './measured-demo.ts';
import { judge, print } from './report.ts';
import { run } from './run.ts';
import { signUpAll, stillSignedIn } from './user.ts';

const count = Number(process.env['LOAD_USERS'] ?? 200);
const seconds = Number(process.env['LOAD_SECONDS'] ?? 60);

const folder = await mkdtemp(join(tmpdir(), 'pawl-load-'));
const demo = await startMeasured(folder);
try {
  const users = await signUpAll(demo.origin, count);
  // Memory is compared between two moments of rest. What the end of the first run cuts off
  // are lost replies: the second one begins with them.
  const warmUp = await run(demo.origin, users, seconds / 4);
  const early = await demo.memory();
  const traffic = await run(demo.origin, users, seconds);
  const memory = { early, late: await demo.memory() };
  const lost = count - (await stillSignedIn(demo.origin, users));
  const report = { count, seconds, warmUp, traffic, memory, lost };
  print(report);
  const problems = judge(report);
  for (const problem of problems) console.error(`FAIL ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await demo.stop();
  await rm(folder, { recursive: true, force: true });
}
