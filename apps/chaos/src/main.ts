/**
 * Runs the experiments, prints a line for each store as it is through, and writes the summary
 * `docs/chaos.md`. Ends with 1 if anything was violated.
 *
 * `--only E7` (or `E7,E8`) runs these and writes nothing, `--seed 7` repeats a run's chances,
 * `--full` runs as much as was asked for instead of as much as fits into a few minutes.
 */
import { parseArgs } from 'node:util';
import type { Result } from './experiment.ts';
import { experiments } from './experiments/all.ts';
import { keepTogether } from './leftovers.ts';
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
if (chosen.length === 0) throw new Error(`no such experiment: ${values.only}`);

keepTogether();
const scale = { seed: Number(values.seed), full: values.full };
console.log(`seed ${scale.seed}${scale.full ? ', full' : ''}`);
const runs: Run[] = [];
let broken = 0;
for (const experiment of chosen) {
  console.log(`\n${experiment.name}: ${experiment.title}\n  passes: ${experiment.passes}`);
  let began = performance.now();
  const tell = (result: Result): void => {
    const run = { experiment, result, seconds: (performance.now() - began) / 1_000 };
    runs.push(run);
    console.log(resultLine(run));
    for (const violation of result.violations.slice(0, 3)) console.log(violationText(violation));
    broken += result.violations.length;
    began = performance.now();
  };
  try {
    await experiment.run(scale, tell);
  } catch (error) {
    broken += 1;
    console.error(`  ${experiment.name} could not be run:`, error);
  }
}
if (only === undefined) await writeSummary(runs, scale);
console.log(`\n${broken === 0 ? 'Nothing was violated.' : `${broken} violations.`}`);
process.exitCode = broken === 0 ? 0 : 1;
