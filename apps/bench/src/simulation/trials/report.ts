import type { HonestTrial, HonestWeeks } from './honest.ts';
import { largestOf, medianOf } from './median.ts';
import { endedOf100000, tailOf } from './runs.ts';
import type { Theft, TheftTrial } from './theft.ts';

const minute = 60_000;
const hour = 60 * minute;

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** A Markdown table: the first column is text, the others are numbers. */
const head = (titles: readonly string[]): string =>
  [row(titles), row(titles.map((_, column) => (column === 0 ? '---' : '---:')))].join('\n');

/** A duration in the unit that suits it. */
const duration = (ms: number): string => {
  if (Number.isNaN(ms)) return '–';
  if (ms < minute) return `${(ms / 1_000).toFixed(0)} s`;
  if (ms < hour) return `${(ms / minute).toFixed(0)} min`;
  return ms < 48 * hour ? `${(ms / hour).toFixed(1)} h` : `${(ms / hour / 24).toFixed(1)} d`;
};

const share = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(part === 0 || part === whole ? 0 : 1)} %`;

export const honestHead: string = head([
  'owner',
  'session-weeks',
  'rotations',
  'late replays',
  'ended',
  'runs of at least 1, 2, 3, 4 late generations',
  'of 100,000 ended, with N = 3',
  'with N = 4',
]);

export const honestRows = ({ all, byOwner }: HonestTrial): string =>
  [...[...byOwner].map(([name, weeks]) => honestRow(name, weeks)), honestRow('all', all)].join(
    '\n',
  );

const honestRow = (name: string, { sessions, tally, ended, runs }: HonestWeeks): string => {
  const tail = tailOf(runs);
  return row([
    name,
    sessions,
    tally.rotated,
    tally.late,
    ended.length,
    [1, 2, 3, 4].map((length) => tail[length] ?? 0).join(', '),
    ...[3, 4].map((length) =>
      endedOf100000({ sessions, runs, rotations: tally.rotated }, length).toFixed(2),
    ),
  ]);
};

/** How sessions end whose devices crash. */
export const crashText = ({ all: { sessions, crashes, ended } }: HonestTrial): string =>
  `${sessions} session-weeks with ${crashes} crashes: ${ended.length} sessions ended, ` +
  `${share(ended.length, sessions)} of the sessions, one in ${(crashes / ended.length).toFixed(0)} crashes`;

export const theftHead: string = head([
  'thief',
  'thefts',
  'noticed',
  'fell behind',
  'not noticed',
  'noticed after: median, longest',
  'access: median, longest',
  'evidence',
]);

export const theftRow = (name: string, { thefts }: TheftTrial): string => {
  const count = (end: Theft['end']): number => thefts.filter((theft) => theft.end === end).length;
  const noticed = noticedOf(thefts);
  const access = thefts.map((theft) => theft.access);
  const evidence = (['late_run', 'consumed', 'older'] as const).filter((end) => count(end) > 0);
  return row([
    name,
    thefts.length,
    share(noticed.length, thefts.length),
    share(count('fell_behind'), thefts.length),
    share(count('unnoticed'), thefts.length),
    `${duration(medianOf(noticed))}, ${duration(largestOf(noticed))}`,
    `${duration(medianOf(access))}, ${duration(largestOf(access))}`,
    evidence.map((end) => `${end} ${count(end)}`).join(', ') || '–',
  ]);
};

const noticedOf = (thefts: readonly Theft[]): number[] =>
  thefts.flatMap(({ noticedAfter }) => noticedAfter ?? []);

export const presetHead = (settings: readonly string[]): string => head(['thief', ...settings]);

export const presetRow = (name: string, trials: readonly TheftTrial[]): string =>
  row([name, ...trials.map(presetCell)]);

/** How many were noticed, after what time; and what became of the others. */
const presetCell = ({ thefts }: TheftTrial): string => {
  if (thefts.length === 0) return '–';
  const noticed = noticedOf(thefts);
  const unnoticed = thefts.filter(({ end }) => end === 'unnoticed').length;
  const parts = [`noticed ${share(noticed.length, thefts.length)}, ${duration(medianOf(noticed))}`];
  const behind = thefts.filter(({ end }) => end === 'fell_behind').length;
  if (behind > 0) parts.push(`behind ${share(behind, thefts.length)}`);
  if (unnoticed > 0) parts.push(`not ${share(unnoticed, thefts.length)}`);
  return parts.join('; ');
};
