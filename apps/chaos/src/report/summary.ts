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

/** Writes the table of a run, and what each experiment does, into the documentation. */
export const writeSummary = (runs: readonly Run[], scale: Scale): Promise<void> =>
  writeFile(file, summaryOf(runs, scale));

const summaryOf = (runs: readonly Run[], { seed, full }: Scale): string => {
  const experiments = [...new Set(runs.map(({ experiment }) => experiment))];
  const minutes = (runs.reduce((sum, { seconds }) => sum + seconds, 0) / 60).toFixed(1);
  const total = runs.reduce((sum, { result }) => sum + result.violations.length, 0);
  return `# Chaos

Real servers on loopback, killed, cut off, moved and set to another time, while real clients refresh
their sessions. Every call goes into a history, from its invocation to its answer; at the end an
auditor presents what each client was left with; one checker holds the history against the
invariants of [the protocol](rotation.md). \`npm run chaos\` writes this page:

\`\`\`sh
npm run chaos                             # as much as fits into some minutes
npm run chaos -- --only E7,E8 --seed 7    # some of it, with the same chances
npm run chaos -- --full                   # 10,000 rounds each, however long it takes
\`\`\`

Written by a run ${full ? 'with `--full`' : 'without `--full`'}: seed ${seed}, Node
${process.version}, ${cpus().length} cores, ${minutes} minutes. **Violations: ${total}.**

| | store | operations | faults and load | violations | found | s |
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
