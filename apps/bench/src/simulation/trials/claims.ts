import type { Thief } from '../thieves/thieves.ts';
import type { HonestTrial } from './honest.ts';
import { medianOf } from './median.ts';
import type { Setting } from './story.ts';
import type { TheftTrial } from './theft.ts';

const hour = 3_600_000;

/** In ms: within that the median of the leading thieves is noticed. */
const noticedWithin = 4 * hour;

const seedsOf = (all: readonly { readonly seed: number }[]): string => {
  const shown = all.slice(0, 5).map(({ seed }) => seed);
  return `seeds ${shown.join(', ')}${all.length > shown.length ? ', …' : ''}`;
};

/** What of the protocol's claims about honest clients does not hold: nothing, it is hoped. */
export const checkHonest = ({ all }: HonestTrial): string[] => {
  const failures = [...all.broken];
  const { ended } = all;
  if (ended.length > 0) failures.push(`honest sessions ended: ${ended.length}, ${seedsOf(ended)}`);
  return failures;
};

/** What of the protocol's claims about thieves does not hold. */
export const checkThefts = (
  { credential }: Setting,
  thief: Thief,
  { thefts, broken }: TheftTrial,
): string[] => {
  const failures = [...broken];
  const unnoticed = thefts.filter(({ end }) => end === 'unnoticed');
  if (unnoticed.length > 0 && !thief.mayStay?.includes(credential)) {
    failures.push(`thieves not noticed: ${unnoticed.length}, ${seedsOf(unnoticed)}`);
  }
  if (!thief.leads) return failures;
  const behind = thefts.filter(({ end }) => end === 'fell_behind');
  if (behind.length > 0) {
    failures.push(`leading thieves not noticed: ${behind.length}, ${seedsOf(behind)}`);
  }
  const median = medianOf(thefts.flatMap(({ noticedAfter }) => noticedAfter ?? []));
  if (median > noticedWithin) {
    failures.push(`leading thieves are noticed after ${(median / hour).toFixed(1)} hours only`);
  }
  return failures;
};
