import type { HonestOutcome, TheftOutcome } from './contest.ts';

const seconds = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(0));

const share = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;

/** A row of a Markdown table. */
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

export const contestHead: string = [
  row([
    'rotation',
    'honest sessions falsely ended',
    'thieves noticed',
    'noticed after, median (max)',
    'API calls until then, median (max)',
    'live refresh tokens, at most',
  ]),
  '| --- | ---: | ---: | ---: | ---: | ---: |',
].join('\n');

export const contestRow = (name: string, honest: HonestOutcome, theft: TheftOutcome): string =>
  row([
    name,
    `${share(honest.falselyEnded, honest.sessions)} (${honest.falselyEnded} of ${honest.sessions})`,
    `${share(theft.noticed, theft.thieves)} (${theft.noticed} of ${theft.thieves})`,
    `${seconds(theft.noticedAfter.median)} s (${seconds(theft.noticedAfter.max)} s)`,
    `${seconds(theft.calls.median)} (${seconds(theft.calls.max)})`,
    Math.max(honest.mostLiveTokens, theft.mostLiveTokens),
  ]);

/** The outcomes of all refreshes of honest clients. */
export const tallyText = (name: string, { tally }: HonestOutcome): string =>
  `${name}: ${Object.entries(tally)
    .map(([kind, times]) => `${kind} ${times}`)
    .join(', ')}`;
