import { spreadOf } from '../measuring/spread.ts';
import { emptyTally, type ServerFactory, type Tally } from './server.ts';
import { honestStory, theftStory } from './story.ts';
import type { ThiefHabits } from './thief.ts';

interface MiddleAndMost {
  readonly median: number;
  readonly max: number;
}

/** What became of honest sessions. */
export interface HonestOutcome {
  readonly sessions: number;
  /** Those that ended before their time. */
  readonly falselyEnded: number;
  readonly mostLiveTokens: number;
  /** All answers. */
  readonly tally: Tally;
}

/** What became of thieves. */
export interface TheftOutcome {
  /** Thieves who came while the session was alive. */
  readonly thieves: number;
  readonly noticed: number;
  /** In seconds from the first use of the copy, of those that were noticed; NaN if none was. */
  readonly noticedAfter: MiddleAndMost;
  /** API calls that went through. */
  readonly calls: MiddleAndMost;
  /** Refreshes that were answered with tokens. */
  readonly grants: MiddleAndMost;
  readonly mostLiveTokens: number;
}

const middleAndMost = (values: readonly number[]): MiddleAndMost => {
  if (values.length === 0) return { median: Number.NaN, max: Number.NaN };
  const { median, max } = spreadOf(values);
  return { median, max };
};

/** The seeds of so many stories. */
export const firstSeeds = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => index + 1);

/** Lets honest sessions happen: the same ones for every way to rotate, as far as it lets them. */
export const beHonest = async (
  create: ServerFactory,
  seeds: readonly number[],
): Promise<HonestOutcome> => {
  const tally = emptyTally();
  let falselyEnded = 0;
  let mostLiveTokens = 0;
  for (const seed of seeds) {
    const story = await honestStory(create, seed);
    if (story.ending || story.loggedOut) falselyEnded++;
    mostLiveTokens = Math.max(mostLiveTokens, story.mostLiveTokens);
    for (const kind of Object.keys(tally) as (keyof Tally)[]) tally[kind] += story.tally[kind];
  }
  return { sessions: seeds.length, falselyEnded, mostLiveTokens, tally };
};

/** The same sessions, each with a thief. */
export const beRobbed = async (
  create: ServerFactory,
  habits: ThiefHabits,
  seeds: readonly number[],
): Promise<TheftOutcome> => {
  const stories = [];
  for (const seed of seeds) stories.push(await theftStory(create, habits, seed));
  const met = stories.filter(({ loot }) => loot.firstUseAt !== null);
  const noticed = met.map(({ noticedAfter }) => noticedAfter).filter((after) => after !== null);
  return {
    thieves: met.length,
    noticed: noticed.length,
    noticedAfter: middleAndMost(noticed.map((after) => after / 1_000)),
    calls: middleAndMost(met.map(({ loot }) => loot.calls)),
    grants: middleAndMost(met.map(({ loot }) => loot.grants)),
    mostLiveTokens: Math.max(...stories.map((story) => story.mostLiveTokens)),
  };
};
