/**
 * Many users at once against one demo. Checks that there is no 5xx, no lost session, and no growth
 * of memory; exits with 1 otherwise.
 *
 * LOAD_USERS (default 200) and LOAD_SECONDS (default 60) set the size; FRAMEWORK and STORE are
 * settings of the demo.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMeasured } from './measured-demo.ts';
import { findProblems, print } from './report.ts';
import { run } from './run.ts';
import { signUpAll, stillSignedIn } from './user.ts';

const count = Number(process.env['LOAD_USERS'] ?? 200);
const seconds = Number(process.env['LOAD_SECONDS'] ?? 60);

const folder = await mkdtemp(join(tmpdir(), 'pawl-load-'));
const demo = await startMeasured(folder);
try {
  const users = await signUpAll(demo.origin, count);
  // Memory is compared while the demo is idle. Requests that are cut off at the end of the first
  // run are lost replies, which the second run begins with.
  const warmUp = await run(demo.origin, users, seconds / 4);
  const early = await demo.memory();
  const traffic = await run(demo.origin, users, seconds);
  const memory = { early, late: await demo.memory() };
  const lost = count - (await stillSignedIn(demo.origin, users));
  const report = { count, seconds, warmUp, traffic, memory, lost };
  print(report);
  const problems = findProblems(report);
  for (const problem of problems) console.error(`FAIL ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await demo.stop();
  await rm(folder, { recursive: true, force: true });
}
