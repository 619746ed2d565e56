import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Experiment, Result, Scale } from '../experiment.ts';

/** One store in one experiment. */
export interface Run {
  readonly experiment: Experiment;
  readonly result: Result;
  readonly seconds: number;
}

const file = join(import.meta.dirname, '../../../../docs/chaos.md');

/** Writes the results of a run and a description of each experiment to `docs/chaos.md`. */
export const writeSummary = (runs: readonly Run[], scale: Scale): Promise<void> =>
  writeFile(file, summaryOf(runs, scale));

const summaryOf = (runs: readonly Run[], { seed, full }: Scale): string => {
  const experiments = [...new Set(runs.map(({ experiment }) => experiment))];
  const minutes = (runs.reduce((sum, { seconds }) => sum + seconds, 0) / 60).toFixed(1);
  const total = runs.reduce((sum, { result }) => sum + result.violations.length, 0);
  return `# Chaos

Reliability experiments: real servers on this machine are killed, disconnected, moved and given a
wrong time while real clients refresh their sessions. Every call is recorded in a history, from its
invocation to its result. At the end, an auditor presents the token that each client holds, and one
checker compares the history with the invariants of [the protocol](rotation.md). \`npm run chaos\`
writes this page:

\`\`\`sh
npm run chaos                             # a few minutes
npm run chaos -- --only E7,E8 --seed 7    # selected experiments, with the same random choices
npm run chaos -- --full                   # 10,000 rounds each, however long it takes
\`\`\`

The last run was ${full ? 'with `--full`' : 'without `--full`'}: seed ${seed}, Node
${process.version}, ${cpus().length} cores, ${minutes} minutes. **Violations: ${total}.**

| | store | operations | faults and load | violations | measured | s |
| --- | --- | ---: | --- | ---: | --- | ---: |
${runs.map(row).join('\n')}

## The experiments

${experiments.map(paragraph).join('\n')}
`;
};

const row = ({ experiment, result, seconds }: Run): string => {
  const { store, operations, faults, violations, found } = result;
  const cells = [
    experiment.name,
    store,
    operations.toLocaleString('en'),
    faults,
    violations.length,
    found,
    seconds.toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
};

const paragraph = ({ name, title, passes, note }: Experiment): string =>
  `- **${name}, ${title}.** Passes if: ${passes}.${note ? ` ${note}` : ''}`;
