/**
 * Runs the experiments, prints a line for each store when it is finished, and writes the summary
 * `docs/chaos.md`. Exits with 1 if there was a violation.
 *
 * `--only E7` (or `E7,E8`) runs only these and writes no summary, `--seed 7` repeats the random
 * choices of a run, `--full` runs as much as is required instead of a few minutes.
 */
import { parseArgs } from 'node:util';
import type { Result } from './experiment.ts';
import { experiments } from './experiments/all.ts';
import { useTemporaryFolder } from './leftovers.ts';
import { type Run, writeSummary } from './report/summary.ts';
import { resultLine, violationText } from './report/text.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    full: { type: 'boolean', default: false },
  },
});
const only = values.only?.toUpperCase().split(',');
const chosen = experiments.filter(({ name }) => only === undefined || only.includes(name));
if (chosen.length === 0) throw new Error(`unknown experiment: ${values.only}`);

useTemporaryFolder();
const scale = { seed: Number(values.seed), full: values.full };
console.log(`seed ${scale.seed}${scale.full ? ', full' : ''}`);
const runs: Run[] = [];
let broken = 0;
for (const experiment of chosen) {
  console.log(`\n${experiment.name}: ${experiment.title}\n  passes: ${experiment.passes}`);
  let began = performance.now();
  const report = (result: Result): void => {
    const run = { experiment, result, seconds: (performance.now() - began) / 1_000 };
    runs.push(run);
    console.log(resultLine(run));
    for (const violation of result.violations.slice(0, 3)) console.log(violationText(violation));
    broken += result.violations.length;
    began = performance.now();
  };
  try {
    await experiment.run(scale, report);
  } catch (error) {
    broken += 1;
    console.error(`  ${experiment.name} failed to run:`, error);
  }
}
if (only === undefined) await writeSummary(runs, scale);
console.log(`\n${broken === 0 ? 'No violations.' : `${broken} violations.`}`);
process.exitCode = broken === 0 ? 0 : 1;
