import { spreadOf } from '../../measuring/spread.ts';
import { emptyTally, type ServerFactory, type Tally } from './server.ts';
import { honestStory, theftStory } from './story.ts';
import type { ThiefHabits } from './thief.ts';

interface MedianAndMax {
  readonly median: number;
  readonly max: number;
}

/** The result of honest sessions. */
export interface HonestOutcome {
  readonly sessions: number;
  /** Sessions that were ended without a thief or a logout. */
  readonly falselyEnded: number;
  readonly mostLiveTokens: number;
  /** The outcomes of all refreshes. */
  readonly tally: Tally;
}

/** The result of thefts. */
export interface TheftOutcome {
  /** Thieves whose first use was while the session was live. */
  readonly thieves: number;
  readonly noticed: number;
  /** From the first use of the copy, of the noticed thieves, in seconds; NaN if there are none. */
  readonly noticedAfter: MedianAndMax;
  /** Accepted API calls. */
  readonly calls: MedianAndMax;
  /** Successful refreshes. */
  readonly grants: MedianAndMax;
  readonly mostLiveTokens: number;
}

const medianAndMax = (values: readonly number[]): MedianAndMax => {
  if (values.length === 0) return { median: Number.NaN, max: Number.NaN };
  const { median, max } = spreadOf(values);
  return { median, max };
};

/** The seeds of the first `count` stories. */
export const firstSeeds = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => index + 1);

/** Simulates honest sessions; with the same seeds, every server gets the same client behaviour. */
export const simulateHonest = async (
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

/** Simulates the same sessions, each with a thief. */
export const simulateThefts = async (
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
    noticedAfter: medianAndMax(noticed.map((after) => after / 1_000)),
    calls: medianAndMax(met.map(({ loot }) => loot.calls)),
    grants: medianAndMax(met.map(({ loot }) => loot.grants)),
    mostLiveTokens: Math.max(...stories.map((story) => story.mostLiveTokens)),
  };
};
